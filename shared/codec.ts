/** What a Worker puts into a message to start a run. superjson keeps Dates, Maps, Sets, BigInts and undefined on the way. */
import superjson from "superjson";
import { TriggerMessage } from "./message.ts";
import { ArcrunError } from "./model/errors.ts";
import { MAX_JSON_DEPTH } from "./model/limits.ts";

export type TriggerWish = { readonly tenant: string; readonly workflow: string; readonly input: unknown; readonly idempotencyKey?: string };

/** The message for a producer binding on `arcrun-triggers`. */
export function encodeTrigger({ tenant, workflow, input, idempotencyKey }: TriggerWish): TriggerMessage {
  return TriggerMessage.parse({
    v: 1,
    tenant,
    workflow,
    input: superjson.stringify(input),
    ...(idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey }),
  });
}

/** The input as the run gets it, plain JSON. Throws `message.unreadable`. */
export function decodeInput(text: string): unknown {
  let value: unknown;
  try {
    value = superjson.parse(text);
  } catch (cause) {
    throw new ArcrunError("message.unreadable", "the input of the message is not superjson", { cause });
  }
  return toPlainJson(value);
}

/** Any value as plain JSON; undefined is `{}`, the input of nothing. Throws `message.unreadable` if it nests too deep. */
export const toPlainJson = (value: unknown): unknown => toJson(value, 0) ?? {};

/** Runs speak JSON: a Date becomes ISO text, a Map with text keys an object (else pairs), a Set a list, a BigInt a number or its digits. */
function toJson(value: unknown, depth: number): unknown {
  if (depth > MAX_JSON_DEPTH) throw new ArcrunError("message.unreadable", `the input nests deeper than ${MAX_JSON_DEPTH} levels`);
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === "function" || typeof value === "symbol") return undefined;
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Error) return { name: value.name, message: value.message };
  if (value instanceof RegExp || value instanceof URL) return String(value);
  if (Array.isArray(value)) return value.map((item) => toJson(item, depth + 1) ?? null);
  if (value instanceof Set) return [...value].map((item) => toJson(item, depth + 1) ?? null);
  if (value instanceof Map && ![...value.keys()].every((key) => typeof key === "string")) {
    return [...value].map((pair) => toJson(pair, depth + 1));
  }
  const entries: [string, unknown][] = value instanceof Map ? [...value] : Object.entries(value);
  // `fromEntries` defines, it does not assign: `__proto__` stays an ordinary key.
  return Object.fromEntries(entries.map(([key, item]): [string, unknown] => [key, toJson(item, depth + 1)]));
}
