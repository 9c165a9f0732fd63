import { beginSuccess, finish } from "../sdk/answer";
import { given, listField, refuseField, textField, textOf } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json } from "../sdk/json";
import { Candidate, Evidence } from "./evidence";
import { ARABIC, CYRILLIC, HAN, HANGUL, KANA, LATIN, scriptOf, SCRIPTS } from "./scripts";
import { ARABIC_LANGUAGES, CYRILLIC_LANGUAGES, LATIN_LANGUAGES } from "./words";

const MAX_UNITS = 20_000;
const MAX_CANDIDATES = 5;
/** So much evidence is half of what convinces. */
const HALF_CONVINCING: f64 = 1.5;
/** Japanese and Chinese share their characters: without kana a short text may be either. */
const HAN_ONLY: f64 = 0.75;
/** From this share of kana on a text is Japanese, however many Chinese characters are in it. */
const KANA_SHARE: f64 = 0.05;
/** Of the scripts from HANGUL on, which one language each has. */
const SINGLE_LANGUAGES = "ko el he th hi";

/** Which script most letters are of, and how many they are. */
class Counts {
  letters: i32[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

  constructor(text: string) {
    for (let i = 0; i < text.length; i++) {
      const script = scriptOf(text.charCodeAt(i));
      if (script >= 0) this.letters[script]++;
    }
  }

  /** A character that is a word counts as much as a few letters. */
  get main(): i32 {
    let best = -1;
    let most = 0;
    for (let i = 0; i < this.letters.length; i++) {
      const weight = this.letters[i] * (i == HAN || i == KANA ? 5 : i == HANGUL ? 3 : 1);
      if (weight > most) {
        most = weight;
        best = i;
      }
    }
    return best;
  }
}

function single(language: string, score: f64): Candidate {
  const candidate = new Candidate(language);
  candidate.score = score;
  return candidate;
}

function candidatesOf(text: string, counts: Counts, script: i32, allowed: Set<string>): Candidate[] {
  const letters = counts.letters;
  if (script == HAN || script == KANA) {
    const total = <f64>(letters[HAN] + letters[KANA]);
    const isJapanese = <f64>letters[KANA] / total >= KANA_SHARE;
    if (isJapanese) return [single("ja", total)];
    return [single("zh", total * HAN_ONLY), single("ja", total * (1 - HAN_ONLY))];
  }
  if (script > ARABIC) return [single(SINGLE_LANGUAGES.split(" ")[script - HANGUL], <f64>letters[script])];
  const languages = script == LATIN ? LATIN_LANGUAGES : script == CYRILLIC ? CYRILLIC_LANGUAGES : ARABIC_LANGUAGES;
  const evidence = new Evidence(languages, allowed);
  evidence.read(text);
  return evidence.candidates;
}

function rounded(value: f64): f64 {
  return Math.round(value * 100) / 100;
}

/** How far ahead the best is, as far as there was anything to go by. */
function confidenceOf(list: Candidate[]): f64 {
  const best = list[0].score;
  const second = list.length > 1 ? list[1].score : 0;
  return rounded(((best - second) / best) * (1 - Math.pow(0.5, best / HALF_CONVINCING)));
}

function kept(list: Candidate[], allowed: Set<string>): Candidate[] {
  const result: Candidate[] = [];
  for (let i = 0; i < list.length; i++) {
    if (list[i].score > 0 && (allowed.size == 0 || allowed.has(list[i].language))) result.push(list[i]);
  }
  result.sort((a: Candidate, b: Candidate) => (a.score > b.score ? -1 : a.score < b.score ? 1 : a.language < b.language ? -1 : 1));
  return result;
}

function allowedIn(input: Json): Set<string> {
  const allowed = new Set<string>();
  if (given(input, "languages") === null) return allowed;
  const list = listField(input, "languages");
  if (list.length == 0) refuseField("languages", "must have at least one language");
  for (let i = 0; i < list.length; i++) allowed.add(textOf(list[i], "languages[" + i.toString() + "]").toLowerCase());
  return allowed;
}

function answer(script: i32, list: Candidate[]): void {
  const isKnown = list.length > 0;
  const answer = beginSuccess().put('{"language":');
  if (isKnown) answer.text(list[0].language);
  else answer.put("null");
  answer.put(',"confidence":').number(isKnown ? confidenceOf(list) : 0);
  answer.put(',"script":');
  if (script < 0) answer.put("null");
  else answer.text(SCRIPTS.split(" ")[script]);
  let total: f64 = 0;
  for (let i = 0; i < list.length; i++) total += list[i].score;
  answer.put(',"candidates":[');
  for (let i = 0; i < min(list.length, MAX_CANDIDATES); i++) {
    answer.put(i == 0 ? '{"language":' : ',{"language":').text(list[i].language);
    answer
      .put(',"score":')
      .number(rounded(list[i].score / total))
      .put("}");
  }
  finish(answer.put("]}"));
}

function main(): void {
  const input = readInput();
  const whole = textField(input, "text");
  const text = whole.length > MAX_UNITS ? whole.substring(0, MAX_UNITS) : whole;
  const allowed = allowedIn(input);
  const counts = new Counts(text);
  const script = counts.main;
  if (script < 0) answer(script, []);
  answer(script, kept(candidatesOf(text, counts, script, allowed), allowed));
}

main();
