/**
 * Runs a part to its answer. Each call it makes stops it; the call is performed, its result recorded, and the part runs again from
 * its start with the longer list: it holds no memory while it waits, and cannot diverge.
 *
 * Invariants
 * P1  Of a part with effects, no call that the world notices is made before the results of all earlier ones are in the log: a crash
 *     repeats one call at most, and that one under its own key (R4, R5).
 * P2  A part that pauses or yields leaves its results with that row, so that the next go begins where this one ended.
 */
import { ArcrunError } from "../../shared/model/errors.ts";
import {
  MAX_CALLS_PER_ATTEMPT,
  MAX_CALLS_PER_GO,
  MAX_FUEL_PER_INVOCATION,
  MAX_JSON_DEPTH,
  MAX_OUTPUT_BYTES,
} from "../../shared/model/limits.ts";
import type { PartManifest } from "../../shared/part-manifest.ts";
import type { Attempt, Performed } from "./attempt.ts";
import { hasEffect, parseCall, performCall } from "./calls.ts";
import { inputError } from "./check-input.ts";
import type { PinnedPart, RunnerDeps } from "./deps.ts";
import { createRecord, type ExchangeRecord } from "./exchange-record.ts";
import { parseAnswer } from "./part-answer.ts";
import type { PartOutcome } from "./part-host.ts";

/** The envelope around what a part is given, and that of its answer, may be longer than the value itself. */
const ENVELOPE_BYTES = 64 * 1024;
const encoder = new TextEncoder();

export function runPartStep(attempt: Attempt, deps: RunnerDeps): Promise<Performed> {
  const { vertex } = attempt.assignment;
  const { params: given, callbackUrl } = attempt;
  const params = callbackUrl !== undefined && isRecord(given) ? { ...given, callback_url: callbackUrl } : given;
  return runPartWith(vertex.component, params, attempt, deps);
}

/** Runs the part of this name on these params, within the attempt's time. */
export async function runPartWith(name: string, params: unknown, attempt: Attempt, deps: RunnerDeps): Promise<Performed> {
  const { assignment } = attempt;
  const { digest, vertex } = assignment;
  // An uploaded part that was gone when the run began is not the built-in one that has got its name since.
  const part = vertex.uploaded === true && digest === null ? undefined : await deps.parts.find(assignment.run.tenant, name, digest);
  if (part === undefined)
    throw new ArcrunError(
      "part.not_found",
      `the part "${name}" is gone: ${digest ?? "no version of it"} is neither in this deploy nor in the store`,
    );
  const refused = inputError(part.manifest, params);
  if (refused !== undefined) return { kind: "failed", error: refused, fuel: 0 };
  const stdin = encoder.encode(JSON.stringify(params));
  if (stdin.byteLength > MAX_OUTPUT_BYTES + ENVELOPE_BYTES)
    throw new ArcrunError("part.input_too_large", `a part takes ${MAX_OUTPUT_BYTES} bytes, this input has ${stdin.byteLength}`);
  return runToEnd(part, stdin, await createRecord(attempt, deps), attempt, deps);
}

async function runToEnd(
  part: PinnedPart,
  stdin: Uint8Array,
  record: ExchangeRecord,
  attempt: Attempt,
  deps: RunnerDeps,
): Promise<Performed> {
  const { manifest } = part;
  const { run, step, generation, now: nowMs } = attempt.assignment;
  const seed = encoder.encode(deps.ids.idempotencyKey(run.tenant, run.id, step, generation, 0));
  const maxStdoutBytes = MAX_OUTPUT_BYTES + ENVELOPE_BYTES;
  for (let fuel = 0; ;) {
    const budget = Math.min(manifest.fuel, MAX_FUEL_PER_INVOCATION - fuel);
    const outcome = await part.run({ stdin, exchanges: record.exchanges, fuel: budget, nowMs, seed, maxStdoutBytes });
    fuel += outcome.fuelUsed;
    if (outcome.kind !== "called") return toPerformed(outcome, fuel);
    const performed = await exchangeOnce(outcome.request, record, manifest, attempt, deps);
    if (performed !== undefined) return { ...performed, fuel };
  }
}

/** Undefined: the result is in the record, the part is to be run again. */
async function exchangeOnce(
  request: Uint8Array,
  record: ExchangeRecord,
  manifest: PartManifest,
  attempt: Attempt,
  deps: RunnerDeps,
): Promise<PausedPart | undefined> {
  const call = parseCall(request, manifest);
  const index = record.exchanges.length;
  if (index >= MAX_CALLS_PER_ATTEMPT || (!record.isLogged && record.fresh >= MAX_CALLS_PER_GO))
    throw new ArcrunError("part.too_many_calls", `a part may make ${record.isLogged ? MAX_CALLS_PER_ATTEMPT : MAX_CALLS_PER_GO} calls`);
  if (record.isLogged && record.fresh >= MAX_CALLS_PER_GO) return { kind: "yielded", results: await record.take() };
  if (record.isLogged && hasEffect(call) && !(await record.log())) return { kind: "released" };
  const called = await performCall(call, index, manifest, attempt, deps);
  attempt.draft.hasBegun ||= called.kind === "result" && hasEffect(call);
  if (called.kind === "paused") return { ...called.pause, results: await record.take() };
  record.add(called.json);
  return undefined;
}

type PausedPart = DistributiveOmit<Extract<Performed, { readonly kind: "paused" | "yielded" | "released" }>, "fuel">;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function toPerformed(outcome: Exclude<PartOutcome, { readonly kind: "called" }>, fuel: number): Performed {
  if (outcome.kind === "failed") return { kind: "failed", error: outcome.error, fuel };
  const answer = parseAnswer(outcome.stdout, MAX_JSON_DEPTH);
  switch (answer.kind) {
    case "success":
      return { kind: "answered", output: answer.output, fuel };
    case "failure":
      return { kind: "failed", error: answer.error, output: answer.output, fuel };
    case "pending":
      return { kind: "paused", reason: "callback", fuel, ...(answer.taskId === undefined ? {} : { taskId: answer.taskId }) };
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
