import { given, refuseField, textOf } from "./fields.ts";
import type { Part } from "./part.ts";
import { PartError } from "./part.ts";

/** What an operation gives is `data.result`. */
export type Operations = Readonly<Record<string, (input: unknown) => unknown>>;

/** An `*_ops` part: the field `op`, or as it is also called, `operation`, selects. */
export function defineOperations(operations: Operations): Part<unknown> {
  const valid = Object.keys(operations).join(", ");
  return (input) => {
    const selected = given(input, "op") ?? given(input, "operation") ?? refuseField("op", `is missing; expected one of: ${valid}`);
    const op = textOf(selected, "op");
    const perform = Object.hasOwn(operations, op) ? operations[op] : undefined;
    if (perform === undefined) throw new PartError("part.unknown_op", `the operation "${op}" is unknown; the valid ones are: ${valid}`);
    return { success: true, data: { result: perform(input) } };
  };
}
