/**
 * The calls a part may make of its host. Each is granted by the manifest; the result is JSON, an error is a result, too.
 * A call is answered at once, or it pauses the step: then what ends the pause is its result, and the part is run again with it.
 */
import { z } from "zod";
import { ArcrunError, type ErrorInfo, toErrorInfo } from "../../shared/model/errors.ts";
import { evaluate, parseExpression } from "../../shared/model/expression/expression.ts";
import type { PartManifest } from "../../shared/part-manifest.ts";
import { schemaProblems } from "../../shared/schema-problems.ts";
import type { Attempt, Paused } from "./attempt.ts";
import type { RunnerDeps } from "./deps.ts";
import { CallbackCall, callbackUrl, pauseForCallback, pauseForSleep, runChild, RunCall, SleepCall } from "./durable-calls.ts";
import { HttpRequest } from "./http-request.ts";
import { HostQuiet, pauseForHost } from "./quiet-hosts.ts";
import { sendRequest } from "./send-request.ts";
import { isStorageAway, pauseBeforeCall } from "./storage-away.ts";

const Call = z.discriminatedUnion("call", [
  z.object({ call: z.literal("http_request"), request: z.unknown().optional() }),
  z.object({ call: z.literal("evaluate"), expression: z.string(), scope: z.record(z.string(), z.unknown()) }),
  z.object({ call: z.literal("validate_schema"), schema: z.unknown().optional(), value: z.unknown().optional() }),
  SleepCall,
  CallbackCall,
  z.object({ call: z.literal("callback_url") }),
  RunCall,
]);
type Call = z.infer<typeof Call>;

/** Which grant a call needs, and whether the world notices it: before one that it notices, what was learned so far is logged. */
const CALLS: Readonly<Record<Call["call"], { readonly grant: string; readonly hasEffect: boolean }>> = {
  http_request: { grant: "http_request", hasEffect: true },
  evaluate: { grant: "evaluate", hasEffect: false },
  validate_schema: { grant: "validate_schema", hasEffect: false },
  sleep: { grant: "sleep", hasEffect: false },
  callback: { grant: "callback", hasEffect: false },
  callback_url: { grant: "callback", hasEffect: false },
  run: { grant: "run", hasEffect: true },
};

export const hasEffect = (call: Call): boolean => CALLS[call.call].hasEffect;

/** Throws `part.call_denied` when the manifest does not grant it, or nobody knows it. */
export function parseCall(request: Uint8Array, manifest: PartManifest): Call {
  const parsed = Call.safeParse(parseJson(request));
  if (parsed.success && manifest.calls.includes(CALLS[parsed.data.call].grant)) return parsed.data;
  throw new ArcrunError(
    "part.call_denied",
    `the part "${manifest.name}" made a call that its manifest does not grant; granted: ${manifest.calls.join(", ") || "none"}`,
  );
}

export type Called = { readonly kind: "result"; readonly json: string } | { readonly kind: "paused"; readonly pause: Paused };

/** `index` counts the calls of the attempt from 0. Throws only what must end the attempt: time is over. */
export async function performCall(
  call: Call,
  index: number,
  manifest: Pick<PartManifest, "httpHosts">,
  attempt: Attempt,
  deps: RunnerDeps,
): Promise<Called> {
  try {
    const result = await resultOf(call, index, manifest, attempt, deps);
    return isPaused(result) ? { kind: "paused", pause: result } : { kind: "result", json: JSON.stringify(result) };
  } catch (thrown) {
    if (thrown instanceof HostQuiet) return { kind: "paused", pause: pauseForHost(thrown, deps.now()) };
    // Nothing was sent: a request needs its secrets first, and a run that was started is found again by its id.
    const pause = isStorageAway(thrown) ? pauseBeforeCall(attempt.assignment, deps.now()) : undefined;
    if (pause !== undefined) return { kind: "paused", pause };
    return { kind: "result", json: JSON.stringify(asResult(thrown)) };
  }
}

const isPaused = (result: unknown): result is Paused =>
  typeof result === "object" && result !== null && "kind" in result && result.kind === "paused" && "isCall" in result;

async function resultOf(
  call: Call,
  index: number,
  manifest: Pick<PartManifest, "httpHosts">,
  attempt: Attempt,
  deps: RunnerDeps,
): Promise<unknown> {
  switch (call.call) {
    case "evaluate":
      return { value: evaluate(parseExpression(call.expression, new Set(Object.keys(call.scope))), call.scope) };
    case "validate_schema":
      return { errors: schemaProblems(call.schema, call.value) };
    case "http_request":
      return callHttp(call.request, index, manifest, attempt, deps);
    case "sleep":
      return pauseForSleep(call, deps.now());
    case "callback":
      return pauseForCallback(call, attempt.assignment.vertex.waitMs, deps.now());
    case "callback_url":
      return { url: callbackUrl(attempt) };
    case "run":
      return runChild(call, index, attempt, deps);
  }
}

/** R4: the key is the same for all attempts of the step, another for each call. */
async function callHttp(
  request: unknown,
  index: number,
  manifest: Pick<PartManifest, "httpHosts">,
  attempt: Attempt,
  deps: RunnerDeps,
): Promise<unknown> {
  const { run, step, generation } = attempt.assignment;
  const parsed = HttpRequest.safeParse(request);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ArcrunError(
      "http.invalid_request",
      `the request cannot be sent: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "unknown"}`,
    );
  }
  return sendRequest(
    parsed.data,
    {
      tenant: run.tenant,
      runId: run.id,
      idempotencyKey: deps.ids.idempotencyKey(run.tenant, run.id, step, generation, attempt.firstCall + index),
      hosts: manifest.httpHosts,
      deadline: attempt.deadline,
    },
    deps,
  );
}

function asResult(thrown: unknown): { readonly error: ErrorInfo } {
  // The time of the attempt is over: the part is not asked what it makes of it.
  if (!(thrown instanceof ArcrunError) || thrown.code === "part.timed_out") throw thrown;
  return { error: toErrorInfo(thrown) };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    return undefined;
  }
}
