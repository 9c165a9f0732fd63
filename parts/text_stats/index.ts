import { beginSuccess, finish } from "../sdk/answer";
import { textField } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { countCharacters } from "../sdk/text";
import { isIdeograph, SentenceScanner, WordScanner } from "../sdk/words";

const SECONDS_PER_WORD = 60.0 / 200.0;
const SECONDS_PER_IDEOGRAPH = 60.0 / 400.0;

function countLines(text: string): i32 {
  if (text.length == 0) return 0;
  let lines = text.endsWith("\n") ? 0 : 1;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) == 0x0a) lines++;
  return lines;
}

function main(): void {
  const text = textField(readInput(), "text");
  const scanner = new WordScanner(text, 0, text.length);
  let words = 0;
  let seconds: f64 = 0;
  while (scanner.next()) {
    words++;
    seconds += isIdeograph(text.charCodeAt(scanner.start)) ? SECONDS_PER_IDEOGRAPH : SECONDS_PER_WORD;
  }
  let sentences = 0;
  const sentence = new SentenceScanner(text);
  while (sentence.next()) sentences++;
  const answer = beginSuccess().put('{"characters":').number(countCharacters(text)).put(',"words":').number(words);
  answer.put(',"sentences":').number(sentences).put(',"lines":').number(countLines(text));
  finish(answer.put(',"reading_seconds":').number(Math.ceil(seconds)).put("}"));
}

main();
