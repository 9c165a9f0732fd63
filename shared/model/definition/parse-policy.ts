/** Reads `policy`: one table of keys for a node, one for the run. */
import { DURATION_FORMS, parseDuration } from "../duration.ts";
import { at, checkKeys, field, isMap, type Issues, type JsonMap, meant, shown } from "./issues.ts";
import {
  DEFAULT_ATTEMPTS,
  DEFAULT_RETENTION_MS,
  MAX_ATTEMPTS,
  MAX_SLOTS,
  MAX_TIMEOUT_MS,
  MAX_WAIT_MS,
  MINUTE_MS,
  SECOND_MS,
} from "../limits.ts";
import { MAX_PARALLEL } from "./parse-foreach.ts";
import type { Concurrency, Join, Loop, RetryPolicy, RunPolicy } from "../plan.ts";
import type { NodePolicy } from "./workflow.ts";

/** Reads one value; says what is wrong with it and gives `undefined`. */
type Reader<T> = (value: unknown, pointer: string, issues: Issues) => T | undefined;

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: DEFAULT_ATTEMPTS,
  backoff: "exponential",
  initialMs: SECOND_MS,
  maxMs: MINUTE_MS,
  jitter: true,
};

function refuse(value: unknown, expected: string, pointer: string, issues: Issues): undefined {
  issues.error(pointer, "policy.invalid_value", `found ${shown(value)}; expected ${expected}`);
}

const whole =
  (min: number, max: number): Reader<number> =>
  (value, pointer, issues) =>
    typeof value === "number" && Number.isInteger(value) && value >= min && value <= max
      ? value
      : refuse(value, `a whole number from ${min} to ${max}`, pointer, issues);

const duration =
  (minMs: number, maxMs: number): Reader<number> =>
  (value, pointer, issues) => {
    const ms = parseDuration(value);
    if (ms === undefined) return refuse(value, `a duration: ${DURATION_FORMS}`, pointer, issues);
    return ms >= minMs && ms <= maxMs ? ms : refuse(value, `a duration from ${minMs} ms to ${maxMs / SECOND_MS} s`, pointer, issues);
  };

const oneOf =
  <const W extends string>(...words: readonly W[]): Reader<W> =>
  (value, pointer, issues) => {
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    const near = typeof value === "string" ? meant(value, words) : "";
    return refuse(value, `one of ${words.join(", ")}.${near}`, pointer, issues);
  };

const flag: Reader<boolean> = (value, pointer, issues) =>
  typeof value === "boolean" ? value : refuse(value, "true or false", pointer, issues);

const text: Reader<string> = (value, pointer, issues) =>
  typeof value === "string" && value !== "" ? value : refuse(value, "a text that is not empty", pointer, issues);

const codes: Reader<readonly string[]> = (value, pointer, issues) =>
  Array.isArray(value) && value.every((code): code is string => typeof code === "string" && code !== "")
    ? value
    : refuse(value, 'a list of error codes like ["http.status", "part."]', pointer, issues);

const url: Reader<string> = (value, pointer, issues) =>
  typeof value === "string" && /^https?:\/\/[^\s]+$/.test(value) && URL.canParse(value)
    ? value
    : refuse(value, "an http(s) address", pointer, issues);

const tolerance: Reader<Loop["tolerate"]> = (value, pointer, issues) => {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  const percent = typeof value === "string" ? /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(value)?.[1] : undefined;
  if (percent !== undefined && Number(percent) <= 100) return { percent: Number(percent) };
  return refuse(value, 'a count of items, or "p%"', pointer, issues);
};

type Readers<T> = { readonly [K in keyof T]-?: Reader<T[K]> };

/** A map with known keys; keys that are absent stay absent. */
const mapOf =
  <T extends object>(readers: Readers<T>): Reader<Partial<T>> =>
  (value, pointer, issues) => {
    // `Object.keys` forgets which keys they are.
    const keys = Object.keys(readers) as (keyof T & string)[];
    if (!isMap(value)) return refuse(value, `a map with ${keys.join(", ")}`, pointer, issues);
    checkKeys(value, keys, pointer, issues, "policy.unknown_key");
    const read: Partial<T> = {};
    for (const key of keys) {
      const found = field(value, key);
      const result = found === undefined ? undefined : readers[key](found, at(pointer, key), issues);
      if (result !== undefined) read[key] = result;
    }
    return read;
  };

const readRetry = mapOf<{
  attempts: number;
  backoff: RetryPolicy["backoff"];
  initial: number;
  max: number;
  jitter: boolean;
  on: readonly string[];
}>({
  attempts: whole(1, MAX_ATTEMPTS),
  backoff: oneOf("exponential", "linear", "constant"),
  initial: duration(0, MAX_WAIT_MS),
  max: duration(0, MAX_WAIT_MS),
  jitter: flag,
  on: codes,
});

const retry: Reader<RetryPolicy> = (value, pointer, issues) => {
  const read = readRetry(value, pointer, issues);
  if (read === undefined) return undefined;
  const { initial = DEFAULT_RETRY.initialMs, max = Math.max(initial, DEFAULT_RETRY.maxMs), on, ...rest } = read;
  return {
    ...DEFAULT_RETRY,
    ...rest,
    initialMs: initial,
    maxMs: max,
    ...(on === undefined ? {} : { on }),
  };
};

const readQuorum = mapOf<{ quorum: number }>({ quorum: whole(1, Number.MAX_SAFE_INTEGER) });
const readJoinWord = oneOf("settled", "all", "any");

const join: Reader<Join> = (value, pointer, issues) => {
  if (isMap(value)) {
    const { quorum } = readQuorum(value, pointer, issues) ?? {};
    if (quorum !== undefined) return { kind: "quorum", count: quorum };
    return field(value, "quorum") === undefined ? refuse(value, "{ quorum: n }", pointer, issues) : undefined;
  }
  const word = typeof value === "string" ? readJoinWord(value, pointer, issues) : undefined;
  if (word !== undefined) return { kind: word };
  return typeof value === "string" ? undefined : refuse(value, "settled, all, any or { quorum: n }", pointer, issues);
};

/** A map that has all of its keys. */
const complete =
  <T extends object>(keys: readonly (keyof T & string)[], reader: Reader<Partial<T>>): Reader<T> =>
  (value, pointer, issues) => {
    const read = reader(value, pointer, issues);
    if (read === undefined) return undefined;
    const missing = keys.find((key) => isMap(value) && field(value, key) === undefined);
    if (missing !== undefined) return refuse(undefined, `${missing}; it takes ${keys.join(" and ")}`, pointer, issues);
    return keys.every((key) => read[key] !== undefined) ? (read as T) : undefined; // all keys of T are there
  };

const slots = complete<Concurrency>(["key", "limit"], mapOf<Concurrency>({ key: text, limit: whole(1, MAX_SLOTS) }));
const readForeach = mapOf<{ concurrency: number; on_item_failure: Loop["onItemFailure"]; tolerate: Loop["tolerate"] }>({
  concurrency: whole(1, MAX_PARALLEL),
  on_item_failure: oneOf("continue", "stop"),
  tolerate: tolerance,
});

const foreach: Reader<NonNullable<NodePolicy["foreach"]>> = (value, pointer, issues) => {
  const read = readForeach(value, pointer, issues);
  if (read === undefined) return undefined;
  const { on_item_failure: onItemFailure, ...rest } = read;
  return { ...rest, ...(onItemFailure === undefined ? {} : { onItemFailure }) };
};
type Singleton = { readonly key: string; readonly mode: "skip" };
const singleton = complete<Singleton>(["key", "mode"], mapOf<Singleton>({ key: text, mode: oneOf("skip") }));

/** The keys of `policy.<node>`. */
const readNode = mapOf<{
  retry: RetryPolicy;
  timeout: number;
  wait: number;
  join: Join;
  foreach: NonNullable<NodePolicy["foreach"]>;
  delay: number;
  concurrency: Concurrency;
  on_unknown: "fail" | "hold";
}>({
  retry,
  timeout: duration(1, MAX_TIMEOUT_MS),
  wait: duration(1, MAX_WAIT_MS),
  join,
  foreach,
  delay: duration(0, MAX_WAIT_MS),
  concurrency: slots,
  on_unknown: oneOf("fail", "hold"),
});

/** The keys of `policy.run`. */
const readRun = mapOf<{
  timeout: number;
  retention: number;
  concurrency: Concurrency;
  singleton: Singleton;
  final_callback: string;
}>({
  timeout: duration(1, MAX_WAIT_MS),
  retention: duration(0, 10 * MAX_WAIT_MS),
  concurrency: slots,
  singleton,
  final_callback: url,
});

/** What `policy-words.ts` explains, all of it. */
export type NodeKey = keyof NonNullable<ReturnType<typeof readNode>>;
export type RunKey = keyof NonNullable<ReturnType<typeof readRun>>;

const RUN = "run";

/** `policy.run`, with defaults. */
export function parseRunPolicy(policy: JsonMap, issues: Issues): RunPolicy {
  const value = field(policy, RUN);
  const read = value === undefined ? {} : (readRun(value, at("/policy", RUN), issues) ?? {});
  return {
    retentionMs: read.retention ?? DEFAULT_RETENTION_MS,
    ...(read.timeout === undefined ? {} : { timeoutMs: read.timeout }),
    ...(read.concurrency === undefined ? {} : { concurrency: read.concurrency }),
    ...(read.singleton === undefined ? {} : { singleton: { key: read.singleton.key } }),
    ...(read.final_callback === undefined ? {} : { finalCallback: read.final_callback }),
  };
}

export function parseNodePolicy(value: unknown, pointer: string, issues: Issues): NodePolicy {
  const read = readNode(value, pointer, issues) ?? {};
  return {
    ...(read.retry === undefined ? {} : { retry: read.retry }),
    ...(read.timeout === undefined ? {} : { timeoutMs: read.timeout }),
    ...(read.wait === undefined ? {} : { waitMs: read.wait }),
    ...(read.delay === undefined ? {} : { delayMs: read.delay }),
    ...(read.join === undefined ? {} : { join: read.join }),
    ...(read.on_unknown === undefined ? {} : { onUnknown: read.on_unknown }),
    ...(read.foreach === undefined ? {} : { foreach: read.foreach }),
    ...(read.concurrency === undefined ? {} : { concurrency: read.concurrency }),
  };
}

/** The policies of nodes: everything in `policy` but `run`. */
export const nodePolicies = (policy: JsonMap): readonly (readonly [name: string, value: unknown])[] =>
  Object.entries(policy).filter(([name]) => name !== RUN);
