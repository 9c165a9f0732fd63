import { Json, Kind } from "./json";
import { failAt } from "./pointer";

/** Ends the part: a field is not as it must be. */
export function refuseField(name: string, problem: string): void {
  failAt("part.invalid_input", 'the field "' + name + '" ' + problem, name);
}

/** `place` is where the object stands that the field is in, like `cases[0].`; empty for the input itself. */
export function field(input: Json, name: string, expected: string, place: string = ""): Json {
  const value = input.get(name);
  if (value !== null) return value;
  refuseField(place + name, "is missing; expected " + expected);
  return input;
}

function expectKind(value: Json, kind: Kind, name: string, expected: string): Json {
  if (value.kind != kind) refuseField(name, "must be " + expected + ", but it is " + describe(value));
  return value;
}

/** The kind, and the value itself when it is short. */
function describe(value: Json): string {
  const length = value.end - value.start;
  if (length > 40 || value.kind == Kind.Null) return value.kindName;
  return value.kindName + " (" + String.UTF8.decodeUnsafe(value.start, length) + ")";
}

export function textField(input: Json, name: string, place: string = ""): string {
  return textOf(field(input, name, "text", place), place + name);
}

export function textOf(value: Json, name: string): string {
  return expectKind(value, Kind.Text, name, "text").text;
}

/** The text, or `fallback` when the field is absent or null. */
export function textOr(input: Json, name: string, fallback: string, place: string = ""): string {
  const value = given(input, name);
  return value === null ? fallback : textOf(value, place + name);
}

/** The field, or null when it is absent or null. */
export function given(input: Json, name: string): Json | null {
  const value = input.get(name);
  return value === null || value.kind == Kind.Null ? null : value;
}

export function listField(input: Json, name: string): Json[] {
  return expectKind(field(input, name, "a list"), Kind.List, name, "a list").items();
}

export function objectField(input: Json, name: string): Json {
  return expectKind(field(input, name, "an object"), Kind.Object, name, "an object");
}

export function boolOr(input: Json, name: string, fallback: bool, place: string = ""): bool {
  const value = given(input, name);
  return value === null ? fallback : expectKind(value, Kind.Bool, place + name, "true or false").isTrue;
}

export function numberField(input: Json, name: string): f64 {
  return numberOf(field(input, name, "a number"), name);
}

/** Text is not converted, even if it looks like a number: a template that is the whole value keeps its type. */
export function numberOf(value: Json, name: string): f64 {
  if (value.kind == Kind.Text) {
    refuseField(
      name,
      "must be a number, but it is " + describe(value) + '; a template keeps its type when it is the whole value: "{{input.n}}"',
    );
  }
  return expectKind(value, Kind.Number, name, "a number").number;
}

export function numberOr(input: Json, name: string, fallback: f64): f64 {
  const value = given(input, name);
  return value === null ? fallback : numberOf(value, name);
}

/** A whole number within limits. */
export function wholeOf(value: f64, name: string, least: i32, most: i32): i32 {
  if (value != Math.floor(value) || value < <f64>least || value > <f64>most) {
    refuseField(name, "must be a whole number from " + least.toString() + " to " + most.toString());
  }
  return <i32>value;
}

/** The operation of an `*_ops` part: the field `op`, or as it is also called, `operation`. */
export function operation(input: Json, valid: string): string {
  const op = given(input, "op");
  const value = op === null ? given(input, "operation") : op;
  if (value !== null) return textOf(value, "op");
  refuseField("op", "is missing; expected one of: " + valid);
  return "";
}

export function refuseOperation(op: string, valid: string, place: string = "op"): void {
  failAt("part.unknown_op", 'the operation "' + op + '" is unknown; the valid ones are: ' + valid, place);
}
