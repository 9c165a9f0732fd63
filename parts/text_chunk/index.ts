import { beginSuccess, finish } from "../sdk/answer";
import { numberField, numberOr, refuseField, textField, textOr, wholeOf } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { countCharacters, isSpace, unitOf } from "../sdk/text";
import { SentenceScanner, WordScanner } from "../sdk/words";
import { Writer } from "../sdk/writer";

const UNITS = "characters, words, sentences";
const MAX_CHUNKS = 100_000;
/** A piece of characters may end this much earlier to end between words. */
const SEARCHED_PART = 4;

/** Writes pieces in the order of the text, and counts characters as it goes. */
class Chunks {
  count: i32 = 0;
  private seen: i32 = 0;
  private seenCharacters: i32 = 0;

  constructor(
    private text: string,
    private answer: Writer,
  ) {}

  /** From unit to unit, without white space around it. A piece of nothing but white space is none. */
  add(start: i32, end: i32): void {
    while (start < end && isSpace(this.text.charCodeAt(start))) start++;
    while (end > start && isSpace(this.text.charCodeAt(end - 1))) end--;
    if (start == end) return;
    if (this.count == MAX_CHUNKS) refuseField("size", "makes more than " + MAX_CHUNKS.toString() + " pieces");
    const from = this.charactersTo(start);
    this.answer
      .put(this.count == 0 ? '{"index":' : ',{"index":')
      .number(this.count++)
      .put(',"text":')
      .text(this.text.substring(start, end));
    this.answer
      .put(',"start":')
      .number(from)
      .put(',"end":')
      .number(from + countCharacters(this.text, start, end))
      .put("}");
  }

  /** Starts never go back, so each character is counted once. */
  private charactersTo(unit: i32): i32 {
    this.seenCharacters += countCharacters(this.text, this.seen, unit);
    this.seen = unit;
    return this.seenCharacters;
  }
}

/** The last place between words in the last quarter; else the limit. */
function endNear(text: string, start: i32, limit: i32): i32 {
  if (limit >= text.length || isSpace(text.charCodeAt(limit))) return limit;
  const least = limit - (limit - start) / SEARCHED_PART;
  for (let at = limit; at > least; at--) if (isSpace(text.charCodeAt(at - 1))) return at;
  return limit;
}

function retreat(text: string, from: i32, characters: i32): i32 {
  let at = from;
  for (; characters > 0 && at > 0; characters--) at -= at > 1 && (text.charCodeAt(at - 1) & 0xfc00) == 0xdc00 ? 2 : 1;
  return at;
}

function byCharacters(text: string, size: i32, overlap: i32, chunks: Chunks): void {
  let start = 0;
  while (start < text.length) {
    const end = endNear(text, start, unitOf(text, size, start));
    chunks.add(start, end);
    if (end >= text.length) return;
    // an end that came early must not make the next piece begin where this one did
    start = max(retreat(text, end, overlap), start + 1);
    if ((text.charCodeAt(start) & 0xfc00) == 0xdc00) start++;
  }
}

/** `starts` are those of all words or sentences; each reaches to the next one. */
function byStarts(starts: i32[], size: i32, overlap: i32, length: i32, chunks: Chunks): void {
  for (let i = 0; i < starts.length; i += size - overlap) {
    const isLast = <i64>i + size >= starts.length;
    chunks.add(i == 0 ? 0 : starts[i], isLast ? length : starts[i + size]);
    if (isLast) return;
  }
}

function startsOf(text: string, unit: string): i32[] {
  const starts: i32[] = [];
  if (unit == "words") {
    const words = new WordScanner(text, 0, text.length);
    while (words.next()) starts.push(words.start);
  } else {
    const sentences = new SentenceScanner(text);
    while (sentences.next()) starts.push(sentences.start);
  }
  return starts;
}

function main(): void {
  const input = readInput();
  const text = textField(input, "text");
  const size = wholeOf(numberField(input, "size"), "size", 1, i32.MAX_VALUE);
  const overlap = wholeOf(numberOr(input, "overlap", 0), "overlap", 0, i32.MAX_VALUE);
  if (overlap >= size) refuseField("overlap", "must be less than size");
  const unit = textOr(input, "unit", "characters");
  if (!UNITS.split(", ").includes(unit)) refuseField("unit", "must be one of: " + UNITS);
  const answer = beginSuccess().put('{"chunks":[');
  const chunks = new Chunks(text, answer);
  if (unit == "characters") byCharacters(text, size, overlap, chunks);
  else byStarts(startsOf(text, unit), size, overlap, text.length, chunks);
  finish(answer.put('],"count":').number(chunks.count).put("}"));
}

main();
