/**
 * Runs a WASM part to its answer. Each call it makes stops it; the call is performed, recorded, and the part runs again from
 * its start with the longer list: it holds no memory while it waits, and cannot diverge.
 */
import { ArcrunError } from "../../shared/model/errors.ts";
import { MAX_CALLS_PER_STEP, MAX_JSON_DEPTH, MAX_OUTPUT_BYTES } from "../../shared/model/limits.ts";
import { performCall } from "./calls.ts";
import type { RunnerDeps } from "./deps.ts";
import type { Attempt, Performed } from "./attempt.ts";
import { parseAnswer } from "./part-answer.ts";
import type { PartRun } from "./part-host.ts";

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
  const part = await deps.parts.find(assignment.run.tenant, name, assignment.digest);
  if (part === undefined)
    throw new ArcrunError("part.not_found", `the bytes of the part "${name}" that this run pinned are not in this deploy`);
  const { manifest } = part;
  const stdin = encoder.encode(JSON.stringify(params));
  if (stdin.byteLength > MAX_OUTPUT_BYTES + ENVELOPE_BYTES)
    throw new ArcrunError("part.input_too_large", `a part takes ${MAX_OUTPUT_BYTES} bytes, this input has ${stdin.byteLength}`);
  const seed = encoder.encode(deps.ids.idempotencyKey(assignment.run.tenant, assignment.run.id, assignment.step, assignment.generation, 0));
  const exchanges: { resultBytes: Uint8Array }[] = [];
  let fuel = 0;
  for (;;) {
    const run: PartRun = {
      stdin,
      exchanges,
      fuel: manifest.fuel,
      nowMs: assignment.now,
      seed,
      maxStdoutBytes: MAX_OUTPUT_BYTES + ENVELOPE_BYTES,
    };
    const outcome = await part.run(run);
    fuel += outcome.fuelUsed;
    switch (outcome.kind) {
      case "failed":
        return { kind: "failed", error: outcome.error, fuel };
      case "answered":
        return toPerformed(outcome.stdout, fuel);
      case "called":
        if (exchanges.length >= MAX_CALLS_PER_STEP)
          throw new ArcrunError("part.too_many_calls", `a part may make ${MAX_CALLS_PER_STEP} calls`);
        exchanges.push({ resultBytes: await performCall(outcome.request, exchanges.length, manifest, attempt, deps) });
    }
  }
}

function toPerformed(stdout: Uint8Array, fuel: number): Performed {
  const answer = parseAnswer(stdout, MAX_JSON_DEPTH);
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
