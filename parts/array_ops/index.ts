import { beginResult, finishResult } from "../sdk/answer";
import { canonical, isSame } from "../sdk/compare";
import {
  boolOr,
  field,
  given,
  listField,
  numberField,
  numberOf,
  numberOr,
  operation,
  refuseField,
  refuseOperation,
  textField,
  textOf,
  wholeOf,
} from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json, Kind } from "../sdk/json";
import { lookUp, parsePath, Segment } from "../sdk/path";
import { Order, sorted } from "../sdk/sort";
import { Writer } from "../sdk/writer";

const OPERATIONS = "count, first, last, reverse, sum, sort, unique, slice, flatten, concat, chunk, index_of, map_path, zip, range";
const MAX_RANGE = 100_000;
const MAX_SIZE = i32.MAX_VALUE;

/** Ends the part with these items as its result. */
function answerItems(items: Json[], from: i32 = 0, to: i32 = items.length): void {
  finishResult(writeItems(beginResult(), items, from, to));
}

function writeItems(answer: Writer, items: Json[], from: i32, to: i32): Writer {
  answer.put("[");
  for (let i = from; i < to; i++) answer.put(i == from ? "" : ",").json(items[i]);
  return answer.put("]");
}

function byPath(input: Json): Segment[] {
  const by = given(input, "by");
  return by === null ? [] : parsePath(textOf(by, "by"), "by");
}

/** By code, as JavaScript does; the part `sort` can do more. */
function sort(input: Json, items: Json[]): void {
  answerItems(sorted(items, [new Order(byPath(input), boolOr(input, "descending", false), false)]));
}

function unique(input: Json, items: Json[]): void {
  const path = byPath(input);
  const seen = new Set<string>();
  const kept: Json[] = [];
  for (let i = 0; i < items.length; i++) {
    const value = lookUp(items[i], path);
    const name = value === null ? "" : canonical(value);
    if (seen.has(name)) continue;
    seen.add(name);
    kept.push(items[i]);
  }
  answerItems(kept);
}

/** Negative positions count from the end. */
function position(input: Json, name: string, fallback: i32, length: i32): i32 {
  const at = wholeOf(numberOr(input, name, <f64>fallback), name, i32.MIN_VALUE, i32.MAX_VALUE);
  return max(0, min(length, at < 0 ? length + at : at));
}

function slice(input: Json, items: Json[]): void {
  const start = position(input, "start", 0, items.length);
  answerItems(items, start, max(start, position(input, "end", items.length, items.length)));
}

/** One level. What is no list stays. */
function flatten(items: Json[]): void {
  const flat: Json[] = [];
  for (let i = 0; i < items.length; i++) {
    const inner = items[i].items();
    if (items[i].kind != Kind.List) flat.push(items[i]);
    for (let n = 0; n < inner.length; n++) flat.push(inner[n]);
  }
  answerItems(flat);
}

function chunk(input: Json, items: Json[]): void {
  const size = wholeOf(numberField(input, "size"), "size", 1, MAX_SIZE);
  const answer = beginResult().put("[");
  for (let i = 0; i < items.length; i += min(size, items.length)) {
    writeItems(answer.put(i == 0 ? "" : ","), items, i, <i32>min<i64>(<i64>i + size, items.length));
  }
  finishResult(answer.put("]"));
}

function indexOf(input: Json, items: Json[]): i32 {
  const value = field(input, "value", "any value");
  for (let i = 0; i < items.length; i++) if (isSame(items[i], value)) return i;
  return -1;
}

function mapPath(input: Json, items: Json[]): void {
  const path = parsePath(textField(input, "path"), "path");
  const answer = beginResult().put("[");
  for (let i = 0; i < items.length; i++) {
    const value = lookUp(items[i], path);
    answer.put(i == 0 ? "" : ",");
    if (value === null) answer.put("null");
    else answer.json(value);
  }
  finishResult(answer.put("]"));
}

/** As long as the shorter list. */
function zip(input: Json, items: Json[]): void {
  const others = listField(input, "with");
  const answer = beginResult().put("[");
  for (let i = 0; i < min(items.length, others.length); i++) {
    answer
      .put(i == 0 ? "[" : ",[")
      .json(items[i])
      .put(",")
      .json(others[i])
      .put("]");
  }
  finishResult(answer.put("]"));
}

/** The end is not part of it, as in `slice`. */
function range(input: Json): void {
  const start = numberOr(input, "start", 0);
  const end = numberField(input, "end");
  const step = numberOr(input, "step", end < start ? -1 : 1);
  if (step == 0) refuseField("step", "must not be 0");
  const count = Math.max(0, Math.ceil((end - start) / step));
  if (count > MAX_RANGE) refuseField("end", "makes a list of more than " + MAX_RANGE.toString() + " items");
  const answer = beginResult().put("[");
  for (let i = 0; i < <i32>count; i++) answer.put(i == 0 ? "" : ",").number(start + <f64>i * step);
  finishResult(answer.put("]"));
}

function sum(items: Json[]): f64 {
  let total: f64 = 0;
  for (let i = 0; i < items.length; i++) total += numberOf(items[i], "items[" + i.toString() + "]");
  return total;
}

function answerEnd(items: Json[], at: i32): void {
  const answer = beginResult();
  finishResult(items.length == 0 ? answer.put("null") : answer.json(items[at]));
}

function main(): void {
  const input = readInput();
  const op = operation(input, OPERATIONS);
  if (!OPERATIONS.split(", ").includes(op)) refuseOperation(op, OPERATIONS);
  if (op == "range") range(input);
  const items = listField(input, "items");
  if (op == "count") finishResult(beginResult().number(items.length));
  if (op == "first") answerEnd(items, 0);
  if (op == "last") answerEnd(items, items.length - 1);
  if (op == "reverse") answerItems(items.reverse());
  if (op == "sum") finishResult(beginResult().number(sum(items)));
  if (op == "sort") sort(input, items);
  if (op == "unique") unique(input, items);
  if (op == "slice") slice(input, items);
  if (op == "flatten") flatten(items);
  if (op == "concat") answerItems(items.concat(listField(input, "with")));
  if (op == "chunk") chunk(input, items);
  if (op == "index_of") finishResult(beginResult().number(indexOf(input, items)));
  if (op == "map_path") mapPath(input, items);
  zip(input, items);
}

main();
