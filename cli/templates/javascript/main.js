/** Counts the words of a text. Put your own work here: the default export is the part; what it returns is the data of its answer. */
import { definePart, PartError } from "arcrun/parts/sdk-js/part.ts";

export default definePart(({ text }) => {
  if (typeof text !== "string") throw new PartError("text.missing", "the field text must hold the text to count");
  const words = text.split(/[ \t\n\v\f\r]+/).filter((word) => word !== "");
  const longest = words.reduce((best, word) => (word.length > best.length ? word : best), "");
  return { words: words.length, longest };
});
