/** Settling: what came of attempts becomes rows, all of a call in one transaction (group commit). */
import { retryDelayMs } from "../model/backoff.ts";
import type { RunState, Step } from "../model/run-state.ts";
import type { RunEvent } from "../model/log.ts";
import { isStepTerminal } from "../model/run.ts";
import type { Outcome, SettleReply } from "../run-api.ts";
import { isPure, type Ledger, type Transaction, transact } from "./ledger.ts";
import { deadLettersOf, endIfOver, statusOf, summaryOf, takeHints } from "./summary.ts";

export function settle(ledger: Ledger, outcomes: readonly Outcome[]): SettleReply {
  const before = ledger.state === undefined ? undefined : statusOf(ledger, ledger.state, ledger.deps.now());
  const settled: Step[] = [];
  transact(ledger, (transaction) => {
    for (const outcome of outcomes) {
      const step = acceptable(ledger, outcome);
      if (step === undefined) continue;
      transaction.record(eventFor(ledger, step, outcome, transaction.now));
      ledger.leases.delete(step.key);
      settled.push(step);
    }
    if (ledger.state !== undefined) endIfOver(ledger.state, transaction);
  });
  return reply(ledger, settled, outcomes.length - settled.length, before);
}

function reply(ledger: Ledger, settled: readonly Step[], refused: number, before: string | undefined): SettleReply {
  const { state } = ledger;
  const now = ledger.deps.now();
  if (state === undefined) return { hints: [], summary: null, deadLetters: [], refused };
  const hints = takeHints(ledger, state, now);
  const isChanged = settled.length > 0 && statusOf(ledger, state, now) !== before;
  return {
    hints,
    summary: isChanged ? summaryOf(ledger, state, now) : null,
    deadLetters: deadLettersOf(ledger, state, settled, now),
    refused,
  };
}

/** R3: a success of any lease of the live attempt of a pure step counts, everything else only from the live lease. */
function acceptable(ledger: Ledger, { step: key, generation, attempt, lease, result }: Outcome): Step | undefined {
  const step = ledger.state?.steps.get(key);
  if (step === undefined || isStepTerminal(step.status) || step.generation !== generation || step.attempt !== attempt) return undefined;
  if (isPure(step) && result.kind === "succeeded") return step;
  const live = isPure(step) ? ledger.leases.get(key)?.number : step.lease?.number;
  return live === lease ? step : undefined;
}

function eventFor(ledger: Ledger, step: Step, { startedAt, input, fuel, result }: Outcome, now: number): RunEvent {
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
      const { reason, taskId, waitMs, dueAt, schema, note } = result;
      return {
        ...base,
        type: "step.paused",
        wait: step.waits,
        reason,
        expiresAt: now + (waitMs ?? step.vertex.waitMs),
        ...(taskId === undefined ? {} : { taskId }),
        ...(dueAt === undefined ? {} : { dueAt }),
        ...(schema === undefined ? {} : { schema }),
        ...(note === undefined ? {} : { note }),
      };
    }
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
