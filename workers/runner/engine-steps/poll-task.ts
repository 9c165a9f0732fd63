/** `poll_task`: asks a service that has no webhook, again and again, until an expression over its answer is true. */
import { PollTask } from "../../../shared/engine-params.ts";
import { parseDuration } from "../../../shared/model/duration.ts";
import { ArcrunError, type ErrorInfo } from "../../../shared/model/errors.ts";
import { evaluateCondition, parseExpression } from "../../../shared/model/expression/expression.ts";
import { MAX_CALLS_PER_GO, MAX_WAIT_MS } from "../../../shared/model/limits.ts";
import type { RunnerDeps } from "../deps.ts";
import type { Attempt, Performed } from "../attempt.ts";
import { runPartWith } from "../part-step.ts";
import { isStoragePause } from "../storage-away.ts";
import { readParams } from "./params.ts";

export async function runPollTask(attempt: Attempt, deps: RunnerDeps): Promise<Performed> {
  const { request, every, done_when: doneWhen, fail_when: failWhen, timeout } = readParams(PollTask, attempt);
  const performed = await runPartWith(
    "http_request",
    request,
    { ...attempt, firstCall: attempt.assignment.pauses * MAX_CALLS_PER_GO },
    deps,
  );
  if (performed.kind === "paused") {
    // A store of the engine is away, and nothing was asked yet.
    if (isStoragePause(performed)) return performed;
    // The host wants to be left alone: the next look is a new one, and the time for all of them goes on.
    const { isCall: _, ...pause } = performed;
    return pause;
  }
  const next = (notBeforeMs: number): Performed => {
    const limitMs = timeout === undefined ? undefined : duration(timeout, "timeout");
    return again(attempt, Math.max(duration(every, "every"), notBeforeMs), limitMs, performed.fuel, deps.now());
  };
  if (performed.kind === "failed" && isHiccup(performed.error, attempt)) return next(performed.error.retryAfterMs ?? 0);
  if (performed.kind !== "answered") return performed;
  const scope = dataOf(performed.output);
  if (failWhen !== undefined && isTrue(failWhen, scope)) {
    const error = { code: "poll.failed", message: `fail_when is true: ${failWhen.slice(0, 200)}`, retryable: false };
    return { kind: "failed", error, output: { success: false, error, data: scope }, fuel: performed.fuel };
  }
  if (isTrue(doneWhen, scope)) return performed;
  return next(0);
}

/**
 * The service was there before and is not now: whoever asks for days is not put off by three bad moments. What fails from the first poll on
 * has the retries of the node's policy, so that a wrong address is told soon.
 */
const isHiccup = ({ retryable }: ErrorInfo, { assignment }: Attempt): boolean => retryable && assignment.resume?.kind === "due";

function again({ assignment }: Attempt, everyMs: number, timeoutMs: number | undefined, fuel: number, now: number): Performed {
  const since = assignment.resume?.kind === "due" ? assignment.resume.since : now;
  const limit = timeoutMs ?? assignment.vertex.waitMs;
  return { kind: "paused", reason: "poll", dueAt: now + everyMs, waitMs: Math.max(0, since + limit - now), fuel };
}

function duration(given: string | number, field: string): number {
  const ms = parseDuration(given);
  if (ms === undefined || ms > MAX_WAIT_MS)
    throw new ArcrunError("wait.invalid", `${field}: expected a duration such as 30s, 365 days at most`);
  return ms;
}

/** What is not there yet is not true yet: a service may grow the field later. */
function isTrue(text: string, scope: Readonly<Record<string, unknown>>): boolean {
  try {
    return evaluateCondition(parseExpression(text, new Set(Object.keys(scope))), scope);
  } catch (thrown) {
    if (thrown instanceof ArcrunError && thrown.code === "template.unresolved") return false;
    throw thrown;
  }
}

function dataOf(output: unknown): Readonly<Record<string, unknown>> {
  const data: unknown = typeof output === "object" && output !== null && "data" in output ? output.data : undefined;
  return typeof data === "object" && data !== null ? { ...data } : {};
}
