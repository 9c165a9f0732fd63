/**
 * Cuts the text of an expression into tokens, on demand: where a word ends depends on what the parser has bound so far.
 *
 * 1. Only where a path may begin can a name hold hyphens or spaces; after a dot it is one plain word.
 * 2. Of the words that could begin there, the longest known one wins (`a-1` when a node is called so).
 * 3. If none is known, hyphens without spaces belong to the name; when the caller gave no names, single words that follow do too
 *    (two words in a row mean nothing else).
 * 4. A loop variable of a macro is known, so `i-1` inside `map(i, i-1)` subtracts.
 */
import { ArcrunError } from "../errors.ts";

export type TokenKind = "name" | "number" | "text" | "symbol" | "end";
/** `value` is the name (NFC where it begins a path), the number as written, the unescaped text, or the symbol. */
export type Token = {
  readonly kind: TokenKind;
  readonly value: string;
  readonly start: number;
  readonly end: number;
};

/** Whether a first name is known; undefined when the caller gave no names at all. */
export type NameOracle = (name: string) => boolean | undefined;

export type Source = { readonly text: string; readonly isKnown: NameOracle };

/** Longer runs of words are not looked up, which keeps the search for a known name short. */
const MAX_NAME_CHARS = 256;
export const KEYWORDS: ReadonlySet<string> = new Set(["true", "false", "null", "in"]);

const SPACE = /[ \t\r\n]*/y;
const WORD = /[\p{ID_Continue}]+/uy;
const WORDS = /[\p{ID_Continue}]+(?:(?:-+| +)[\p{ID_Continue}]+)*/uy;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SYMBOL = /\?\?|\|\||&&|==|!=|<=|>=|[-+*/%<>!?:.,()[\]{}]/y;
const WORD_CHAR = /^[\p{ID_Continue}]/u;
const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  "\\": "\\",
  "/": "/",
  '"': '"',
  "'": "'",
  "`": "`",
  "?": "?",
};

/** What the sticky pattern matches at exactly this offset; "" for nothing. */
export function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

/** Throws `expression.invalid`. The position in message and details counts from 1. */
export function refuse(text: string, at: number, problem: string): never {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  throw new ArcrunError("expression.invalid", `at character ${at + 1} of \`${shown}\`: ${problem}`, { details: { position: at + 1 } });
}

export const skipSpace = (text: string, at: number): number => at + matchAt(SPACE, text, at).length;

/** The token at or after `from`. `afterDot` says that a plain field name is wanted (invariant 1). */
export function readToken(source: Source, from: number, afterDot: boolean): Token {
  const { text } = source;
  const start = skipSpace(text, from);
  const first = text[start];
  if (first === undefined) return { kind: "end", value: "", start, end: start };
  if (first === '"' || first === "'") return readText(text, start);
  const word = afterDot ? matchAt(WORD, text, start) : readFirstName(source, start);
  if (word !== "")
    return {
      kind: "name",
      value: afterDot ? word : word.normalize("NFC"),
      start,
      end: start + word.length,
    };
  const number = matchAt(NUMBER, text, start);
  if (number !== "") return { kind: "number", value: number, start, end: start + number.length };
  const symbol = matchAt(SYMBOL, text, start);
  if (symbol !== "") return { kind: "symbol", value: symbol, start, end: start + symbol.length };
  return refuse(text, start, `${JSON.stringify(String.fromCodePoint(text.codePointAt(start) ?? 0))} has no meaning here`);
}

/** The name with which a path begins at this offset, as written; "" when no name does. */
export function readFirstName({ text, isKnown }: Source, at: number): string {
  const run = matchAt(WORDS, text, at);
  const word = matchAt(WORD, text, at);
  const number = matchAt(NUMBER, text, at);
  // `1.data` is a path, `1.5` and `1 - x` are not; `2nd` can only be a name.
  const isNumber =
    number !== "" &&
    !WORD_CHAR.test(text.slice(at + number.length, at + number.length + 2)) &&
    !/^\.[\p{ID_Start}_]/u.test(text.slice(at + number.length, at + number.length + 3));
  if (run === word || KEYWORDS.has(word)) return isNumber ? "" : word;
  const known = longestKnown(run, isNumber ? word.length + 1 : word.length, isKnown);
  if (known !== undefined) return known;
  if (isNumber) return "";
  const separator = isKnown(word.normalize("NFC")) === undefined ? /[- ]/ : /-/;
  return joinWhile(run, word, separator);
}

function longestKnown(run: string, shortest: number, isKnown: NameOracle): string | undefined {
  let candidate = run.slice(0, MAX_NAME_CHARS);
  while (candidate.length >= shortest) {
    const end = candidate.length;
    const endsInWord = end === run.length || /[- ]/.test(run.charAt(end));
    if (endsInWord && !/[- ]$/.test(candidate) && isKnown(candidate.normalize("NFC")) === true) return candidate;
    candidate = candidate.slice(0, Math.max(candidate.lastIndexOf("-"), candidate.lastIndexOf(" "), 0));
  }
  return undefined;
}

/** Adds the words of the run that follow over such separators, up to the operator `in`. */
function joinWhile(run: string, first: string, separator: RegExp): string {
  let end = first.length;
  for (const [part] of run.slice(end).matchAll(/(?:-+| +)[^- ]+/g)) {
    if (!separator.test(part.charAt(0)) || part.trim() === "in") break;
    end += part.length;
  }
  return run.slice(0, end);
}

function readText(text: string, start: number): Token {
  const quote = text[start];
  let value = "";
  let at = start + 1;
  for (;;) {
    const char = text[at];
    if (char === undefined) refuse(text, start, `this text never ends; expected ${quote}`);
    if (char === quote) return { kind: "text", value, start, end: at + 1 };
    if (char !== "\\") {
      value += char;
      at += 1;
      continue;
    }
    const hex = matchAt(/u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}/y, text, at + 1);
    const plain = ESCAPES[text[at + 1] ?? ""];
    if (hex === "" && plain === undefined) refuse(text, at, "unknown escape; a backslash itself is written \\\\");
    value += hex === "" ? plain : String.fromCharCode(Number.parseInt(hex.slice(1), 16));
    at += 1 + (hex === "" ? 1 : hex.length);
  }
}
