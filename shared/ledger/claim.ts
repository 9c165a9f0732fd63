/** Claiming: who may execute a step, and with what. */
import { isClaimable } from "../model/due.ts";
import type { RunState, Step } from "../model/run-state.ts";
import { MIB, SECOND_MS } from "../model/limits.ts";
import { isStepTerminal } from "../model/run.ts";
import type { ClaimReply } from "../run-api.ts";
import { assign, loadOf } from "./assign.ts";
import { drawLease, isPure, type Ledger, nextDurableLease, type Transaction, transact, volatileLease } from "./ledger.ts";
import { failByItself } from "./settle.ts";
import { endIfOver } from "./summary.ts";

/** A pure step is metered and takes milliseconds; after this it is given to somebody else. */
export const PURE_LEASE_MS = 30 * SECOND_MS;
/** A durable lease outlives the time limit of its attempt by this: the outcome has to be settled, too. */
export const LEASE_GRACE_MS = 15 * SECOND_MS;

export function claim(ledger: Ledger, keys: readonly string[]): readonly ClaimReply[] {
  return transact(ledger, (transaction) => keys.map((key) => claimOne(ledger, key, transaction)));
}

function claimOne(ledger: Ledger, key: string, transaction: Transaction): ClaimReply {
  const { state } = ledger;
  const { now } = transaction;
  const step = state?.steps.get(key);
  ledger.hinted.delete(key);
  ledger.offers.delete(key);
  if (state === undefined || step === undefined)
    return { kind: "skip", step: key, why: state === undefined ? "unknown_step" : "not_ready" };
  if (isStepTerminal(step.status)) {
    // Its first runner may have died between settling and telling index and desk.
    if (state.ended !== undefined) ledger.reported = undefined;
    return { kind: "skip", step: key, why: "done" };
  }
  if (volatileLease(ledger, key, now) !== undefined) return { kind: "skip", step: key, why: "leased" };
  if (!isClaimable(step, now, ledger.deps.boot))
    return { kind: "skip", step: key, why: step.status === "running" ? "leased" : "not_ready" };
  if (isDoubtful(step)) {
    doubt(state, step, transaction);
    return { kind: "skip", step: key, why: "not_ready" };
  }
  const load = loadOf(ledger, state, step);
  if (load.inlineBytes > MAX_SCOPE_BYTES) {
    failByItself(
      state,
      step,
      "part.input_too_large",
      `what "${step.vertex.node}" reads is more than ${MAX_SCOPE_BYTES} bytes in small values`,
      transaction,
    );
    return { kind: "skip", step: key, why: "done" };
  }
  return assign(ledger, state, step, lease(ledger, state, step, transaction), load);
}

/** An RPC takes 32 MiB; larger values travel as references and do not count. */
const MAX_SCOPE_BYTES = 16 * MIB;

/** A `once` step that was leased and never settled: nobody knows whether its effect happened (R5). */
const isDoubtful = (step: Step): boolean => step.status === "running" && step.vertex.effects === "once";

function doubt(state: RunState, step: Step, transaction: Transaction): void {
  const { key, generation, attempt } = step;
  if (step.vertex.onUnknown === "hold") {
    transaction.record({ type: "step.unknown", step: key, generation, attempt });
    return;
  }
  const error = {
    code: "step.unknown_outcome",
    message: "the process ended while the step ran; whether its effect happened is not known",
    retryable: false,
  };
  transaction.record({
    type: "step.failed",
    step: key,
    generation,
    attempt,
    startedAt: transaction.now,
    fuel: 0,
    error,
    output: { json: JSON.stringify({ success: false, error }) },
  });
  endIfOver(state, transaction);
}

function lease({ deps, leases }: Ledger, state: RunState, step: Step, { now, record }: Transaction): number {
  const { key, generation, attempt, vertex } = step;
  const number = isPure(step) ? drawLease(deps) : nextDurableLease(state);
  if (isPure(step)) leases.set(key, { number, until: now + PURE_LEASE_MS });
  else {
    const until = now + vertex.timeoutMs + LEASE_GRACE_MS;
    record({ type: "step.leased", step: key, generation, attempt, lease: number, boot: deps.boot, until });
  }
  return number;
}
