/** Calls in the middle of a part that may take days: the step pauses, no process waits, and the part goes on with the result. */
import { z } from "zod";
import { parseDuration } from "../../shared/model/duration.ts";
import { ArcrunError } from "../../shared/model/errors.ts";
import { MAX_WAIT_MS } from "../../shared/model/limits.ts";
import type { Attempt, Paused } from "./attempt.ts";
import type { RunnerDeps } from "./deps.ts";
import { awaitChild } from "./child-runs.ts";

const Duration = z.union([z.string(), z.number()]);
export const SleepCall = z.object({
  call: z.literal("sleep"),
  for: Duration.optional(),
  until: z.union([z.string(), z.number()]).optional(),
});
export const CallbackCall = z.object({
  call: z.literal("callback"),
  note: z.string().optional(),
  schema: z.unknown().optional(),
  timeout: Duration.optional(),
});
export const RunCall = z.object({ call: z.literal("run"), workflow: z.string(), input: z.unknown().optional() });

/** Throws `wait.invalid`. A moment that is over is no pause: the call is answered at once. */
export function pauseForSleep(call: z.infer<typeof SleepCall>, now: number): Paused | { readonly slept_ms: 0 } {
  const forMs = call.for === undefined ? undefined : parseDuration(call.for);
  const dueAt = forMs === undefined ? (call.until === undefined ? Number.NaN : new Date(call.until).getTime()) : now + forMs;
  if (Number.isNaN(dueAt))
    throw new ArcrunError("wait.invalid", 'sleep: expected a duration such as "3d", or {until: a moment in ISO 8601}');
  if (dueAt - now > MAX_WAIT_MS) throw new ArcrunError("wait.invalid", "sleep: 365 days at most");
  return dueAt <= now ? { slept_ms: 0 } : { kind: "paused", reason: "timer", isCall: true, dueAt, waitMs: dueAt - now };
}

/** It is due when its time is over, and the part is told that nobody answered. Throws `wait.invalid`. */
export function pauseForCallback({ note, schema, timeout }: z.infer<typeof CallbackCall>, waitMs: number, now: number): Paused {
  const limitMs = timeout === undefined ? waitMs : parseDuration(timeout);
  if (limitMs === undefined || limitMs > MAX_WAIT_MS) throw new ArcrunError("wait.invalid", "callback: a timeout of 365 days at most");
  return {
    kind: "paused",
    reason: "callback",
    isCall: true,
    waitMs: limitMs,
    dueAt: now + limitMs,
    ...(schema === undefined || schema === null ? {} : { schema }),
    ...(note === undefined ? {} : { note }),
  };
}

/** The address of the next callback that the part waits for. */
export function callbackUrl({ callbackUrl: url }: Attempt): string {
  if (url === undefined) throw new ArcrunError("part.call_denied", "only a part that may pause has a callback address");
  return url;
}

/** The child is found again by the number of the call. Its failure is an error of the call. */
export async function runChild(
  { workflow, input }: z.infer<typeof RunCall>,
  index: number,
  attempt: Attempt,
  deps: RunnerDeps,
): Promise<unknown> {
  const end = await awaitChild({ workflow, input: input ?? {}, callNumber: index }, attempt, deps);
  switch (end.kind) {
    case "going":
      return { ...end.pause, isCall: true };
    case "succeeded":
      return end.data;
    case "failed":
      return { error: end.error };
  }
}
