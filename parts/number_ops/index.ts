import { beginResult, fail, finishResult } from "../sdk/answer";
import { groupThousands, roundDecimal } from "../sdk/decimal";
import { given, listField, numberField, numberOf, numberOr, operation, refuseField, refuseOperation, textOf, wholeOf } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json, Kind } from "../sdk/json";
import { numberFrom } from "../sdk/number";

const OPERATIONS = "add, subtract, multiply, divide, mod, power, round, floor, ceil, abs, sign, sqrt, min, max, sum, avg, clamp, format";
const OF_TWO = "add, subtract, multiply, divide, mod, power";
const OF_LIST = "min, max, sum, avg";
/** More digits than any number has. */
const MAX_DIGITS = 100;

function has(names: string, name: string): bool {
  return names.split(", ").includes(name);
}

function ofTwo(op: string, a: f64, b: f64): f64 {
  if (op == "add") return a + b;
  if (op == "subtract") return a - b;
  if (op == "multiply") return a * b;
  if (op == "power") return Math.pow(a, b);
  if (b == 0) fail("number.division_by_zero", 'the field "b" is 0, and nothing can be divided by it (' + op + ")");
  return op == "divide" ? a / b : a % b;
}

function ofList(op: string, items: Json[]): f64 {
  if (items.length == 0 && op != "sum") refuseField("items", "must have at least one item (" + op + ")");
  let total: f64 = 0;
  let least: f64 = Infinity;
  let most: f64 = -Infinity;
  for (let i = 0; i < items.length; i++) {
    const value = numberOf(items[i], "items[" + i.toString() + "]");
    total += value;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (op == "min") return least;
  if (op == "max") return most;
  return op == "avg" ? total / <f64>items.length : total;
}

function ofOne(op: string, a: f64): f64 {
  if (op == "floor") return Math.floor(a);
  if (op == "ceil") return Math.ceil(a);
  if (op == "abs") return Math.abs(a);
  if (op == "sign") return a > 0 ? 1 : a < 0 ? -1 : 0;
  if (a < 0) fail("number.not_finite", 'the field "a" is below zero: it has no square root');
  return Math.sqrt(a);
}

function clamp(input: Json, a: f64): f64 {
  const least = numberOr(input, "min", -Infinity);
  const most = numberOr(input, "max", Infinity);
  if (least > most) refuseField("min", "must not be more than max");
  return Math.max(least, Math.min(most, a));
}

function rounded(input: Json, a: f64, least: i32): string {
  return roundDecimal(a, wholeOf(numberOr(input, "digits", 0), "digits", least, MAX_DIGITS));
}

/** `thousands`: true for commas, or the mark itself. */
function format(input: Json, a: f64): string {
  const text = rounded(input, a, 0);
  const thousands = given(input, "thousands");
  if (thousands === null) return text;
  if (thousands.kind == Kind.Bool) return thousands.isTrue ? groupThousands(text, ",") : text;
  return groupThousands(text, textOf(thousands, "thousands"));
}

function main(): void {
  const input = readInput();
  const op = operation(input, OPERATIONS);
  if (!has(OPERATIONS, op)) refuseOperation(op, OPERATIONS);
  const answer = beginResult();
  if (has(OF_LIST, op)) finishResult(answer.number(ofList(op, listField(input, "items"))));
  const a = numberField(input, "a");
  if (has(OF_TWO, op)) answer.number(ofTwo(op, a, numberField(input, "b")));
  else if (op == "round") answer.number(numberFrom(rounded(input, a, -MAX_DIGITS)));
  else if (op == "format") answer.text(format(input, a));
  else answer.number(op == "clamp" ? clamp(input, a) : ofOne(op, a));
  finishResult(answer);
}

main();
