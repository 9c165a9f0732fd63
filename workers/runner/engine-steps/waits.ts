/** Nodes that only wait or only say something: `wait`, `wait_for_callback`, `respond`, and an `output` with a config. */
import type { z } from "zod";
import { Respond, Wait, WaitForCallback } from "../../../shared/engine-params.ts";
import { parseDuration } from "../../../shared/model/duration.ts";
import { ArcrunError } from "../../../shared/model/errors.ts";
import { MAX_WAIT_MS } from "../../../shared/model/limits.ts";
import type { RunnerDeps } from "../deps.ts";
import type { Attempt, Performed } from "../attempt.ts";
import { readParams, waitLimitMs } from "./params.ts";

const answered = (data: unknown): Performed => ({ kind: "answered", output: { success: true, data }, fuel: 0 });

/** No process sleeps: the step is paused until its time, and resumed by the alarm. */
export async function runWait(attempt: Attempt, deps: RunnerDeps): Promise<Performed> {
  const { resume, now: readyAt } = attempt.assignment;
  const now = deps.now();
  if (resume?.kind === "due") return answered({ waited_ms: now - resume.since });
  const dueAt = momentOf(readParams(Wait, attempt), now);
  if (dueAt <= now) return answered({ waited_ms: Math.max(0, now - readyAt) });
  return { kind: "paused", reason: "timer", dueAt, waitMs: dueAt - now, fuel: 0 };
}

function momentOf({ duration, ms, until }: z.output<typeof Wait>, now: number): number {
  const given = ms ?? (duration === undefined ? undefined : parseDuration(duration));
  const moment = given === undefined ? (until === undefined ? undefined : new Date(until).getTime()) : now + given;
  if (moment === undefined || Number.isNaN(moment))
    throw new ArcrunError("wait.invalid", "expected `duration` (such as 10s), `ms` or `until` (a moment in ISO 8601)");
  if (moment - now > MAX_WAIT_MS) throw new ArcrunError("wait.invalid", "a wait may take 365 days at most");
  return moment;
}

export async function runWaitForCallback(attempt: Attempt): Promise<Performed> {
  const { timeout, schema, note } = readParams(WaitForCallback, attempt);
  const waitMs = waitLimitMs(timeout);
  return {
    kind: "paused",
    reason: "callback",
    fuel: 0,
    ...(waitMs === undefined ? {} : { waitMs }),
    ...(schema === undefined || schema === null ? {} : { schema }),
    ...(note === undefined || note === null ? {} : { note: typeof note === "string" ? note : JSON.stringify(note) }),
  };
}

/** What a caller that waits is answered; to everybody else it is a node's data like any other. */
export async function runRespond(attempt: Attempt): Promise<Performed> {
  const { status, headers, body } = readParams(Respond, attempt);
  return answered({ status, headers, body: body ?? null });
}

export const runOutput = async ({ params }: Attempt): Promise<Performed> => answered(params ?? null);
