/** Reads the fields of an input; what is not as it must be ends the part with `part.invalid_input`. The messages are those of `parts/sdk/fields.ts`. */
import { PartError } from "./part.ts";

export type Fields = Readonly<Record<string, unknown>>;

const MAX_SHOWN_CHARS = 40;

export function refuseField(name: string, problem: string): never {
  throw new PartError("part.invalid_input", `the field "${name}" ${problem}`);
}

export const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

/** The field if the input has it itself; null counts as absent. */
export function given(input: unknown, name: string): unknown {
  const value = isObject(input) && Object.hasOwn(input, name) ? input[name] : undefined;
  return value === null ? undefined : value;
}

const KINDS: Readonly<Record<string, string>> = { string: "text", number: "a number", boolean: "true or false" };

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : (KINDS[typeof value] ?? "an object");
}

/** The kind, and the value itself when it is short. */
function described(value: unknown): string {
  const text = JSON.stringify(value);
  return value === null || text.length > MAX_SHOWN_CHARS ? kindOf(value) : `${kindOf(value)} (${text})`;
}

function required(input: unknown, name: string, expected: string): unknown {
  return isObject(input) && Object.hasOwn(input, name) ? input[name] : refuseField(name, `is missing; expected ${expected}`);
}

const refuseKind = (value: unknown, name: string, expected: string): never =>
  refuseField(name, `must be ${expected}, but it is ${described(value)}`);

export const textOf = (value: unknown, name: string): string => (typeof value === "string" ? value : refuseKind(value, name, "text"));

export const textField = (input: unknown, name: string): string => textOf(required(input, name, "text"), name);

export function textOr<T>(input: unknown, name: string, fallback: T): string | T {
  const value = given(input, name);
  return value === undefined ? fallback : textOf(value, name);
}

export function boolOr(input: unknown, name: string, fallback: boolean): boolean {
  const value = given(input, name) ?? fallback;
  return typeof value === "boolean" ? value : refuseKind(value, name, "true or false");
}

export function listField(input: unknown, name: string): readonly unknown[] {
  const value = required(input, name, "a list");
  return Array.isArray(value) ? value : refuseKind(value, name, "a list");
}

export function objectField(input: unknown, name: string): Fields {
  const value = required(input, name, "an object");
  return isObject(value) ? value : refuseKind(value, name, "an object");
}

export const valueField = (input: unknown, name: string, expected: string): unknown => required(input, name, expected);

/** A whole number within limits. */
export function wholeOr(input: unknown, name: string, fallback: number, [least, most]: readonly [number, number]): number {
  const value = given(input, name) ?? fallback;
  if (typeof value !== "number") return refuseKind(value, name, "a number");
  return Number.isInteger(value) && value >= least && value <= most
    ? value
    : refuseField(name, `must be a whole number from ${least} to ${most}`);
}

/** One of a few words. */
export function wordOr<Word extends string>(input: unknown, name: string, fallback: Word, words: readonly Word[]): Word {
  const value = textOr(input, name, fallback);
  return words.find((word) => word === value) ?? refuseField(name, `must be one of: ${words.join(", ")}; it is ${described(value)}`);
}
