/** The calls of a part: logged between two of them, and handed out again when the part is run again (R5). */
import { answerKey, type RunState, type Step } from "../model/run-state.ts";
import type { Answer, EventOf, Value } from "../model/log.ts";
import type { Exchange, LeaseRef } from "../run-api.ts";
import { type Ledger, type LedgerDeps, liveStep, transact } from "./ledger.ts";

type Store = LedgerDeps["store"];

/** False: the lease is not live, and nothing was logged. */
export function exchange(ledger: Ledger, lease: LeaseRef, startedAt: number, results: readonly Value[]): boolean {
  const step = liveStep(ledger, lease);
  if (step === undefined) return false;
  const { key, generation, attempt } = step;
  transact(ledger, ({ record }) => record({ type: "step.exchanged", step: key, generation, attempt, startedAt, results, fuel: 0 }));
  return true;
}

/** What the calls of the live attempt have given so far, in the order in which they were made. */
export function exchangesOf({ deps: { store } }: Ledger, state: RunState, step: Step): readonly Exchange[] {
  return step.exchangeSeqs.flatMap((seq): readonly Exchange[] => {
    const row = store.row(seq);
    const event = row?.event;
    if (event?.type === "step.exchanged") return event.results.map(asResult);
    if (row === undefined || event?.type !== "step.paused") return [];
    return [...(event.results ?? []).map(asResult), ...endOf(store, state, step, event, row.at)];
  });
}

const asResult = (value: Value): Exchange => ({ kind: "result", value });

/** How a pause that was a call came to its end. A wait for child runs gives nothing: the call is made again and looks. */
function endOf(store: Store, state: RunState, step: Step, event: EventOf<"step.paused">, pausedAt: number): readonly Exchange[] {
  if (event.isCall !== true) return [];
  switch (event.reason) {
    case "timer":
      return [{ kind: "slept", ms: Math.max(0, (event.dueAt ?? pausedAt) - pausedAt) }];
    case "callback":
    case "approval": {
      const answer = answerOf(store, state, step, event.wait);
      return [answer === undefined ? { kind: "expired" } : { kind: "answered", answer }];
    }
    case "child_runs":
    case "poll":
    case "concurrency":
    case "retry_backoff":
    case "delay":
    case "unknown_outcome":
      return [];
  }
}

export function answerOf(store: Store, state: RunState, { key, generation }: Step, wait: number): Answer | undefined {
  const answered = state.answers.get(answerKey(key, generation, wait));
  const event = answered === undefined ? undefined : store.row(answered.seq)?.event;
  return event?.type === "step.answered" ? event.answer : undefined;
}
