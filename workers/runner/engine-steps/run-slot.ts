/** The prologue of a run with `policy.run.concurrency`: it takes the slot that the run has until it ends. */
import { z } from "zod";
import { keyText } from "../../../shared/slots/resolve-key.ts";
import type { SlotOfRun } from "../../../shared/ledger/slots.ts";
import type { Attempt, Performed } from "../attempt.ts";
import type { RunnerDeps } from "../deps.ts";
import { acquireSlot } from "../slot-step.ts";
import { readParams } from "./params.ts";

const RunSlot = z.object({ key: z.unknown().optional(), limit: z.number() });

export async function runRunSlot(attempt: Attempt, deps: RunnerDeps): Promise<Performed> {
  const { key: given, limit } = readParams(RunSlot, attempt);
  const key = keyText(given);
  const reply = await acquireSlot(attempt.assignment, { kind: "run", key, limit, forMs: null }, deps);
  if (reply.kind === "stale") return { kind: "released", fuel: 0 };
  if (reply.kind === "paused") return { ...reply, fuel: 0 };
  const data: SlotOfRun = { key, limit, lease: attempt.assignment.lease };
  return { kind: "answered", output: { success: true, data }, fuel: 0 };
}
