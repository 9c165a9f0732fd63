/** What operators and functions do with values. Numbers are JavaScript's, of one kind; texts are compared by code unit. */
import { ArcrunError } from "../errors.ts";
import type { BinaryOperator, FunctionName } from "./expression-ast.ts";
import { type Budget, spend, spendOnText } from "./expression-budget.ts";
import { containsText, countCodePoints, MAX_VALUE_DEPTH, writeAsText } from "./expression-text.ts";

type Values = Readonly<Record<string, unknown>>;
const MAX_NUMBER_CHARS = 400;
const NUMBER_TEXT = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

export const isMap = (value: unknown): value is Values => typeof value === "object" && value !== null && !Array.isArray(value);

export const fail = (problem: string): never => {
  throw new ArcrunError("expression.failed", problem);
};

/** The kind of a value and, if it is short, the value. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return value.length > 40 ? `a text of ${value.length} characters` : `the text ${JSON.stringify(value)}`;
  if (typeof value === "number") return `the number ${value}`;
  return typeof value === "boolean" ? String(value) : "nothing";
}

/** Equality of JSON values, deep; the order of keys does not count. */
export function isEqual(left: unknown, right: unknown, budget: Budget, depth = 0): boolean {
  spend(budget, 1);
  if (typeof left === "string" && typeof right === "string") {
    if (left.length !== right.length) return false;
    spendOnText(budget, left.length);
    return left === right;
  }
  if (left === right) return true;
  if (depth > MAX_VALUE_DEPTH) throw new ArcrunError("expression.too_complex", "the values are nested too deeply to be compared");
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => isEqual(item, right[index], budget, depth + 1));
  }
  if (!isMap(left) || !isMap(right)) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && isEqual(left[key], right[key], budget, depth + 1));
}

/** Every operator but `&&`, `||` and `??`, which do not always look at their right side. */
export function applyOperator(operator: BinaryOperator, left: unknown, right: unknown, budget: Budget): unknown {
  if (operator === "==") return isEqual(left, right, budget);
  if (operator === "!=") return !isEqual(left, right, budget);
  if (operator === "in") return isMember(left, right, budget);
  if (typeof left === "number" && typeof right === "number") return calculate(operator, left, right);
  if (typeof left === "string" && typeof right === "string") {
    spendOnText(budget, operator === "+" ? left.length + right.length : Math.min(left.length, right.length));
    if (operator === "+") return left + right;
    const order = compare(operator, left, right);
    if (order !== undefined) return order;
  }
  if (operator === "+" && Array.isArray(left) && Array.isArray(right)) {
    spend(budget, left.length + right.length);
    return [...left, ...right];
  }
  const hint = operator === "+" && (typeof left === "string" || typeof right === "string") ? "; string() makes a text of a value" : "";
  return fail(`${operator} cannot be used between ${describe(left)} and ${describe(right)}${hint}`);
}

function compare<T extends string | number>(operator: BinaryOperator, left: T, right: T): boolean | undefined {
  if (operator === "<") return left < right;
  if (operator === "<=") return left <= right;
  if (operator === ">") return left > right;
  return operator === ">=" ? left >= right : undefined;
}

function calculate(operator: BinaryOperator, left: number, right: number): number | boolean {
  const order = compare(operator, left, right);
  if (order !== undefined) return order;
  if ((operator === "/" || operator === "%") && right === 0) fail(`${left} ${operator} 0: there is no division by zero`);
  const results: Partial<Record<BinaryOperator, number>> = { "+": left + right, "-": left - right, "*": left * right, "/": left / right };
  return finite(operator === "%" ? left % right : (results[operator] ?? Number.NaN));
}

const finite = (value: number): number => (Number.isFinite(value) ? value : fail("the number is too large"));

function isMember(item: unknown, of: unknown, budget: Budget): boolean {
  if (Array.isArray(of)) return of.some((other) => isEqual(item, other, budget));
  if (isMap(of)) return typeof item === "string" && Object.hasOwn(of, item) && of[item] !== undefined;
  return fail(`in needs a list or an object, found ${describe(of)}${typeof of === "string" ? "; a text has contains()" : ""}`);
}

/** Calls a function; the receiver of a method is its first argument. */
export function callFunction(name: FunctionName, args: readonly unknown[], budget: Budget): unknown {
  const [value, other] = args;
  switch (name) {
    case "size":
      return sizeOf(value, budget);
    case "string":
      return writeAsText(value, budget);
    case "bool":
      if (value === true || value === "true") return true;
      return value === false || value === "false" ? false : fail(`bool() needs true, false or such a text, found ${describe(value)}`);
    case "double":
      return toNumber(name, value);
    case "int":
      return Math.trunc(toNumber(name, value)) + 0;
    case "contains":
    case "endsWith":
    case "lowerAscii":
    case "startsWith":
    case "upperAscii":
      return callOnText(name, value, other, budget);
  }
}

function callOnText(
  name: "contains" | "endsWith" | "lowerAscii" | "startsWith" | "upperAscii",
  value: unknown,
  other: unknown,
  budget: Budget,
): unknown {
  if (typeof value !== "string") return fail(`${name}() needs a text, found ${describe(value)}`);
  if (name === "lowerAscii" || name === "upperAscii") {
    spendOnText(budget, value.length);
    return name === "lowerAscii"
      ? value.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
      : value.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
  }
  if (typeof other !== "string") return fail(`${name}() looks for a text, found ${describe(other)}`);
  spendOnText(budget, name === "contains" ? value.length : Math.min(value.length, other.length));
  if (name === "contains") return containsText(value, other);
  return name === "startsWith" ? value.startsWith(other) : value.endsWith(other);
}

function sizeOf(value: unknown, budget: Budget): number {
  if (typeof value === "string") {
    spendOnText(budget, value.length);
    return countCodePoints(value);
  }
  if (Array.isArray(value)) return value.length;
  if (!isMap(value)) return fail(`size() needs a text, a list or an object, found ${describe(value)}`);
  const { length } = Object.keys(value);
  spend(budget, length);
  return length;
}

function toNumber(name: string, value: unknown): number {
  if (typeof value === "number") return value;
  const isWritten = typeof value === "string" && value.length <= MAX_NUMBER_CHARS && NUMBER_TEXT.test(value);
  return isWritten ? finite(Number(value)) : fail(`${name}() needs a number or the text of one, found ${describe(value)}`);
}
