/** Parts that do several things: which fields each operation needs. */
import { type InputProblem } from "./input-problems.ts";
import { field, type JsonMap } from "./issues.ts";

/** Operation → the fields without which it cannot work. */
export type Operations = Readonly<Record<string, readonly string[]>>;

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

/** `operation` is what old files call `op`. */
export const operationOf = (input: JsonMap): unknown => field(input, "op") ?? field(input, "operation");

/** What the operation that the input names needs, and the input lacks. */
export function missingFor(operations: Operations, input: JsonMap): readonly InputProblem[] {
  const op = operationOf(input);
  const needed = typeof op === "string" && Object.hasOwn(operations, op) ? (operations[op] ?? []) : [];
  return needed
    .filter((name) => isAbsent(field(input, name)))
    .map((name) => ({ kind: "missing", path: [name], detail: `is missing; ${String(op)} needs it` }));
}

/** The schema of an input with the field that chooses the operation, under both of its names. */
export function withOperations(input: JsonMap, operations: Operations): JsonMap {
  const names = Object.keys(operations);
  if (names.length === 0) return input;
  const known = typeof input["properties"] === "object" ? input["properties"] : {};
  const properties = { op: { enum: names }, operation: { enum: names, description: "The same as op" }, ...known };
  return { ...input, anyOf: [{ required: ["op"] }, { required: ["operation"] }], properties };
}
