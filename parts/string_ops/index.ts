import { beginResult, finishResult } from "../sdk/answer";
import {
  boolOr,
  listField,
  numberField,
  numberOr,
  operation,
  refuseField,
  refuseOperation,
  textField,
  textOf,
  textOr,
  wholeOf,
} from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json, Kind } from "../sdk/json";
import { formatNumber } from "../sdk/number";
import { slug } from "../sdk/slug";
import { countCharacters, isHighSurrogate, isLowSurrogate, isSpace, unitOf } from "../sdk/text";

const OPERATIONS =
  "upper, lower, trim, capitalize, length, reverse, split, join, replace, includes, starts_with, ends_with, substring, pad_start, pad_end, repeat, slug";
/** Beyond this no answer could be sent. */
const MAX_CHARACTERS = 10 * 1024 * 1024;

function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.substring(start, end);
}

function capitalize(text: string): string {
  const first = unitOf(text, 1);
  return text.substring(0, first).toUpperCase() + text.substring(first);
}

/** By characters: a surrogate pair keeps its order. */
function reverse(text: string): string {
  const size = (<usize>text.length) << 1;
  if (size == 0) return text;
  const target = __new(size, idof<string>());
  let to = target + size;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (isHighSurrogate(unit) && i + 1 < text.length && isLowSurrogate(text.charCodeAt(i + 1))) {
      to -= 4;
      store<u16>(to, <u16>unit);
      store<u16>(to, <u16>text.charCodeAt(++i), 2);
    } else {
      to -= 2;
      store<u16>(to, <u16>unit);
    }
  }
  return changetype<string>(target);
}

/** Negative positions count from the end, as in `slice`. */
function position(input: Json, name: string, fallback: i32, length: i32): i32 {
  const at = wholeOf(numberOr(input, name, <f64>fallback), name, i32.MIN_VALUE, i32.MAX_VALUE);
  return max(0, min(length, at < 0 ? length + at : at));
}

function substring(input: Json, text: string): string {
  const length = countCharacters(text);
  const start = position(input, "start", 0, length);
  const end = position(input, "end", length, length);
  return start >= end ? "" : text.substring(unitOf(text, start), unitOf(text, end));
}

function padding(input: Json, text: string): string {
  const wanted = wholeOf(numberField(input, "length"), "length", 0, MAX_CHARACTERS);
  const fill = textOr(input, "fill", " ");
  const missing = wanted - countCharacters(text);
  if (missing <= 0 || fill.length == 0) return "";
  const whole = fill.repeat(missing / countCharacters(fill) + 1);
  return whole.substring(0, unitOf(whole, missing));
}

function repeat(input: Json, text: string): string {
  const times = wholeOf(numberField(input, "times"), "times", 0, MAX_CHARACTERS);
  if (<i64>times * text.length > MAX_CHARACTERS)
    refuseField("times", "makes a text of more than " + MAX_CHARACTERS.toString() + " characters");
  return text.repeat(times);
}

function replace(input: Json, text: string): string {
  const search = textField(input, "search");
  const replacement = textField(input, "replacement");
  if (search.length == 0) refuseField("search", "must not be empty");
  return boolOr(input, "all", true) ? text.replaceAll(search, replacement) : text.replace(search, replacement);
}

function writeText(result: string): void {
  finishResult(beginResult().text(result));
}

/** As JavaScript joins: null is nothing, a number as it is written. */
function joinable(item: Json, name: string): string {
  if (item.kind == Kind.Null) return "";
  if (item.kind == Kind.Number) return formatNumber(item.number);
  if (item.kind == Kind.Bool) return item.isTrue ? "true" : "false";
  return textOf(item, name);
}

function join(input: Json): void {
  const items = listField(input, "items");
  const texts = new Array<string>(items.length);
  for (let i = 0; i < items.length; i++) texts[i] = joinable(items[i], "items[" + i.toString() + "]");
  writeText(texts.join(textOr(input, "separator", "")));
}

function split(input: Json, text: string): void {
  const pieces = text.split(textField(input, "separator"));
  const answer = beginResult().put("[");
  for (let i = 0; i < pieces.length; i++) answer.put(i == 0 ? "" : ",").text(pieces[i]);
  finishResult(answer.put("]"));
}

/** The operations whose result is a text; null for others. */
function textual(op: string, input: Json, text: string): string | null {
  if (op == "upper") return text.toUpperCase();
  if (op == "lower") return text.toLowerCase();
  if (op == "trim") return trim(text);
  if (op == "capitalize") return capitalize(text);
  if (op == "reverse") return reverse(text);
  if (op == "replace") return replace(input, text);
  if (op == "substring") return substring(input, text);
  if (op == "pad_start") return padding(input, text) + text;
  if (op == "pad_end") return text + padding(input, text);
  if (op == "repeat") return repeat(input, text);
  return op == "slug" ? slug(text) : null;
}

function main(): void {
  const input = readInput();
  const op = operation(input, OPERATIONS);
  if (!OPERATIONS.split(", ").includes(op)) refuseOperation(op, OPERATIONS);
  if (op == "join") join(input);
  const text = textField(input, "text");
  const result = textual(op, input, text);
  if (result !== null) writeText(result);
  if (op == "split") split(input, text);
  if (op == "length") finishResult(beginResult().number(countCharacters(text)));
  const search = textField(input, "search");
  const answer = beginResult();
  if (op == "includes") answer.bool(text.includes(search));
  else answer.bool(op == "starts_with" ? text.startsWith(search) : text.endsWith(search));
  finishResult(answer);
}

main();
