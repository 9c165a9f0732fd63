/** Checks single rows: that a lease was free, and that a wait was open. */
import { isAnswerable } from "../../shared/model/log.ts";
import { isStepTerminal } from "../../shared/model/run.ts";
import type { Lease, RunState, Step } from "../../shared/model/run-state.ts";
import type { LeaseRef } from "../../shared/run-api.ts";
import { fail } from "./violation.ts";

/** Waits that somebody answers. Not asked of the engine: it may be wrong about it. */
export const SOMEBODYS: readonly string[] = ["callback", "approval"];

export function auditLease(old: Lease | undefined, { step, boot }: { readonly step: string; readonly boot: string }, at: number): void {
  if (old !== undefined && old.boot === boot && old.until > at) fail("B7", `${step} is leased anew while its lease is good`);
}

export function auditOpenWait(step: Step | undefined, wait: number, at: number): void {
  const isOpen = step?.status === "waiting" && step.wait !== undefined && isAnswerable(step.wait.reason);
  if (step === undefined || wait < (isOpen ? step.waits - 1 : step.waits))
    fail("I6", `an answer for wait ${wait} of ${step?.key}, which is over`);
  const open = step?.wait;
  if (open?.number !== wait || !isAnswerable(open.reason)) return;
  if (step?.status !== "waiting") fail("I6", `an answer for wait ${wait} of ${step?.key}, which went on already`);
  if (open.expiresAt <= at && (open.dueAt ?? Number.POSITIVE_INFINITY) > open.expiresAt)
    fail("I6", `an answer for wait ${wait} of ${step?.key}, which has expired`);
}

export function auditWoken(step: Step | undefined, { step: key, attempt }: { readonly step: string; readonly attempt: number }): void {
  if (step?.status !== "waiting" || step.queued === undefined)
    fail("S4", `${key} is woken at attempt ${attempt}, but does not wait for a slot`);
}

/** The run has no slot: nothing of it may be under way. */
export function auditClosed(state: RunState): void {
  for (const { key, status, vertex } of state.steps.values())
    if (vertex.kind !== "start" && vertex.kind !== "prologue" && vertex.kind !== "epilogue" && !isStepTerminal(status))
      fail("S6", `${key} is ${status} before the run has its slot`);
}

/** The outcomes that are being settled, and the lease that was given last, by step. */
type Fenced = { readonly settling: readonly LeaseRef[]; readonly leases: ReadonlyMap<string, number> };

/** What is not the success of a pure part counts only from the lease that was given last. */
export function auditFence({ settling, leases }: Fenced, step: string, seq: number): void {
  if (!settling.some((outcome) => outcome.step === step && outcome.lease === leases.get(step)))
    fail("I2", `row ${seq} comes from an old lease of ${step}`);
}
