/** Settling: what came of attempts becomes rows, all of a call in one transaction (group commit). */
import { retryDelayMs } from "../model/backoff.ts";
import type { RunState, Step } from "../model/run-state.ts";
import type { RunEvent } from "../model/log.ts";
import type { Outcome, SettleReply } from "../run-api.ts";
import { offer } from "./assign.ts";
import { attemptedStep, isPure, type Ledger, liveStep, type Transaction, transact } from "./ledger.ts";
import { countsOf, listRows } from "./lists.ts";
import { queuedEvent } from "./slots.ts";
import { deadLettersOf, endIfOver, takeHints, takeSummary } from "./summary.ts";

export function settle(ledger: Ledger, outcomes: readonly Outcome[], maxOffers = 0): SettleReply {
  const settled: Step[] = [];
  let released = 0;
  transact(ledger, (transaction) => {
    let isRefused = false;
    for (const outcome of outcomes) {
      const step: Step | undefined = outcome.follows === true && isRefused ? undefined : acceptable(ledger, outcome);
      isRefused = step === undefined;
      if (step === undefined) continue;
      ledger.leases.delete(step.key);
      ledger.offers.delete(step.key);
      ledger.hinted.delete(step.key);
      const event = eventFor(ledger, step, outcome, transaction.now);
      if (event === undefined) {
        ledger.unhinted.add(step.key);
        released += 1;
        continue;
      }
      transaction.record(event);
      if (outcome.result.kind === "succeeded")
        for (const row of listRows(leaseOf(step), outcome.result.lists ?? [])) transaction.record(row);
      settled.push(step);
    }
    if (ledger.state !== undefined) endIfOver(ledger.state, transaction);
  });
  const refused = outcomes.length - settled.length - released;
  const { state } = ledger;
  const now = ledger.deps.now();
  if (state === undefined) return { hints: [], offers: [], summary: null, deadLetters: [], refused };
  const hints = takeHints(ledger, state, now);
  const next = hints.slice(0, maxOffers).map(({ hint }) => hint.step);
  return {
    hints,
    offers: offer(ledger, state, next),
    summary: settled.length > 0 ? takeSummary(ledger, state, now) : null,
    deadLetters: deadLettersOf(ledger, state, settled, now),
    refused,
  };
}

const leaseOf = ({ key, generation, attempt }: Step) => ({ step: key, generation, attempt });

/** R3: a success of any lease of the live attempt of a pure step counts, everything else only from the live lease. */
function acceptable(ledger: Ledger, outcome: Outcome): Step | undefined {
  const step = attemptedStep(ledger, outcome);
  return step !== undefined && isPure(step) && outcome.result.kind === "succeeded" ? step : liveStep(ledger, outcome);
}

/** Undefined: nothing came of it, the step is as ready as it was. */
function eventFor(ledger: Ledger, step: Step, { startedAt, input, fuel, result }: Outcome, now: number): RunEvent | undefined {
  const base = {
    step: step.key,
    generation: step.generation,
    attempt: step.attempt,
    startedAt,
    fuel,
    ...(input === undefined ? {} : { input }),
  };
  switch (result.kind) {
    case "succeeded":
      return {
        ...base,
        type: "step.succeeded",
        output: result.output,
        taken: result.taken,
        ...(result.unmatched === undefined ? {} : { unmatched: result.unmatched }),
        ...(result.lists === undefined ? {} : { lists: countsOf(result.lists) }),
        ...(result.childRuns === undefined ? {} : { childRuns: result.childRuns }),
      };
    case "failed": {
      const delay = retryDelayMs(step.vertex.retry, step.attempt, result.error, ledger.deps.random());
      if (delay !== undefined) return { ...base, type: "step.retrying", error: result.error, dueAt: now + delay };
      return {
        ...base,
        type: "step.failed",
        error: result.error,
        output: result.output ?? { json: JSON.stringify({ success: false, error: result.error }) },
      };
    }
    case "paused": {
      if (result.reason === "concurrency") return queuedEvent(step, result, now);
      const { reason, taskId, waitMs, dueAt, awaited, schema, note, isCall, results } = result;
      return {
        ...base,
        type: "step.paused",
        wait: step.waits,
        reason,
        expiresAt: now + (waitMs ?? step.vertex.waitMs),
        ...(taskId === undefined ? {} : { taskId }),
        ...(dueAt === undefined ? {} : { dueAt }),
        ...(awaited === undefined ? {} : { awaited }),
        ...(schema === undefined ? {} : { schema }),
        ...(note === undefined ? {} : { note }),
        ...(isCall === undefined ? {} : { isCall }),
        ...(results === undefined || results.length === 0 ? {} : { results }),
      };
    }
    case "yielded": {
      const { input: _, ...exchanged } = base;
      return { ...exchanged, type: "step.exchanged", results: result.results, yields: true };
    }
    case "released":
      return undefined;
  }
}

/** The same for what the ledger finds out by itself: a wait that is over. */
export function failByItself(state: RunState, step: Step, code: string, message: string, transaction: Transaction): void {
  const error = { code, message, retryable: false };
  transaction.record({
    type: "step.failed",
    step: step.key,
    generation: step.generation,
    attempt: step.attempt,
    startedAt: step.startedAt ?? transaction.now,
    fuel: 0,
    error,
    output: { json: JSON.stringify({ success: false, error }) },
  });
  endIfOver(state, transaction);
}
