/** Counts the words of a text. Put your own work here; the SDK (parts/sdk of Arcrun) reads the input and writes the answer. */
import { beginSuccess, fail, finish } from "../sdk/answer";
import { readInput } from "../sdk/io";
import { Kind } from "../sdk/json";

const isSpace = (unit: i32): bool => unit == 0x20 || (unit >= 0x09 && unit <= 0x0d);

function count(text: string): void {
  let words = 0;
  let longest = "";
  for (let start = 0; start < text.length;) {
    let end = start;
    while (end < text.length && !isSpace(text.charCodeAt(end))) end++;
    if (end > start) words++;
    if (end - start > longest.length) longest = text.substring(start, end);
    start = end + 1;
  }
  finish(beginSuccess().put('{"words":').number(words).put(',"longest":').text(longest).put("}"));
}

function main(): void {
  const text = readInput().get("text");
  if (text === null || text.kind != Kind.Text) return fail("text.missing", "the field text must hold the text to count");
  count(text.text);
}

main();
