import { beginSuccess, finish } from "../sdk/answer";
import { numberOr, textField, wholeOf } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { isIdeograph, SentenceScanner, WordScanner } from "../sdk/words";

const DEFAULT_SENTENCES = 3;
const MAX_SENTENCES = 1000;
/** Shorter words say little: the, of, is. */
const SHORTEST_WORD = 4;
const BUCKETS = 65536;

/** How often each word occurs, by a hash: two words that share a place do little harm, and no memory is needed for words. */
class Frequencies {
  private counts: StaticArray<i32> = new StaticArray<i32>(BUCKETS);

  add(place: i32): void {
    this.counts[place] += 1;
  }

  of(place: i32): f64 {
    return <f64>this.counts[place];
  }
}

/** FNV-1a over the small letters; -1 for words that do not count. */
function placeOf(text: string, from: i32, to: i32): i32 {
  if (to - from < SHORTEST_WORD && !isIdeograph(text.charCodeAt(from))) return -1;
  let hash: u32 = 2166136261;
  for (let i = from; i < to; i++) {
    const unit: u32 = text.charCodeAt(i);
    hash = (hash ^ (unit >= 0x41 && unit <= 0x5a ? unit | 32 : unit)) * 16777619;
  }
  return <i32>((hash ^ (hash >> 16)) & (BUCKETS - 1));
}

class Sentence {
  score: f64 = 0;
  isChosen: bool = false;
  constructor(
    public start: i32,
    public end: i32,
  ) {}
}

/** Long sentences hold more words; the root keeps them from always winning. */
function score(text: string, sentence: Sentence, frequencies: Frequencies): f64 {
  const scanner = new WordScanner(text, sentence.start, sentence.end);
  let total: f64 = 0;
  let words: f64 = 0;
  while (scanner.next()) {
    const place = placeOf(text, scanner.start, scanner.end);
    if (place >= 0) total += frequencies.of(place);
    words++;
  }
  return words == 0 ? 0 : total / Math.sqrt(words);
}

function chooseBest(sentences: Sentence[], count: i32): void {
  for (let n = 0; n < min(count, sentences.length); n++) {
    let best = -1;
    for (let i = 0; i < sentences.length; i++) {
      if (!sentences[i].isChosen && (best < 0 || sentences[i].score > sentences[best].score)) best = i;
    }
    sentences[best].isChosen = true;
  }
}

function main(): void {
  const input = readInput();
  const text = textField(input, "text");
  const count = wholeOf(numberOr(input, "sentences", DEFAULT_SENTENCES), "sentences", 1, MAX_SENTENCES);
  const frequencies = new Frequencies();
  const words = new WordScanner(text, 0, text.length);
  while (words.next()) {
    const place = placeOf(text, words.start, words.end);
    if (place >= 0) frequencies.add(place);
  }
  const sentences: Sentence[] = [];
  const scanner = new SentenceScanner(text);
  while (scanner.next()) sentences.push(new Sentence(scanner.start, scanner.end));
  for (let i = 0; i < sentences.length; i++) sentences[i].score = score(text, sentences[i], frequencies);
  chooseBest(sentences, count);
  const chosen: string[] = [];
  for (let i = 0; i < sentences.length; i++) if (sentences[i].isChosen) chosen.push(text.substring(sentences[i].start, sentences[i].end));
  const answer = beginSuccess().put('{"text":').text(chosen.join(" ")).put(',"sentences":[');
  for (let i = 0; i < chosen.length; i++) answer.put(i == 0 ? "" : ",").text(chosen[i]);
  finish(answer.put("]}"));
}

main();
