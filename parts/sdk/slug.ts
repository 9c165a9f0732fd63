import { isMark } from "./words";

/** The letters from U+00C0 to U+017F without their marks; a space stands for none. */
const PLAIN =
  "AAAAAAACEEEEIIIIDNOOOOO OUUUUYTsaaaaaaaceeeeiiiidnooooo ouuuuyty" +
  "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

function isPlain(unit: i32): bool {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39);
}

/** A text for an address: small letters, marks taken off Latin ones, everything else between words one hyphen. */
export function slug(text: string): string {
  const lower = text.toLowerCase();
  const words: string[] = [];
  let word = "";
  for (let i = 0; i < lower.length; i++) {
    const unit = lower.charCodeAt(i);
    if (isPlain(unit)) word += lower.charAt(i);
    else if (unit >= 0xc0 && unit <= 0x17f)
      word += PLAIN.charAt(unit - 0xc0)
        .trim()
        .toLowerCase();
    else if (!isMark(unit) && unit != 0x5f) word += lower.charAt(i);
    else if (word.length > 0 && unit != 0x27 && unit != 0x2019) {
      words.push(word);
      word = "";
    }
  }
  if (word.length > 0) words.push(word);
  return words.join("-");
}
