/** What the ledger of a run and the slots of a key say to each other. */
import type { LaneHint } from "../message.ts";
import type { RunEvent } from "../model/log.ts";
import { PROLOGUE_KEY } from "../model/prologue.ts";
import { isQueued } from "../model/queueing.ts";
import type { Step } from "../model/run-state.ts";
import type { Outcome } from "../run-api.ts";
import { type Ledger, transact } from "./ledger.ts";
import { takeHints, valueIn } from "./summary.ts";

type Paused = Extract<Outcome["result"], { readonly kind: "paused" }>;

export function queuedEvent({ key, generation, attempt }: Step, { dueAt, note }: Paused, now: number): RunEvent {
  return { type: "step.queued", step: key, generation, attempt, dueAt: dueAt ?? now, note: note ?? "" };
}

export type SlotNews = { readonly isGoing: boolean; readonly hints: readonly LaneHint[] };

/**
 * `lease` has a slot: is somebody still at work under it? Or (null) a slot is handed to the step: will somebody come for it? Who waits
 * for it is woken. A run keeps the slot of its prologue as long as it is going.
 */
export function slot(ledger: Ledger, key: string, lease: number | null): SlotNews {
  const { state } = ledger;
  const step = state?.steps.get(key);
  if (state === undefined || step === undefined || state.ended !== undefined) return { isGoing: false, hints: [] };
  if (lease !== null) return { isGoing: isLive(step, lease) || slotOfRun(ledger)?.lease === lease, hints: [] };
  if (!isQueued(step)) return { isGoing: isComing(ledger, step), hints: [] };
  const { generation, attempt } = step;
  transact(ledger, ({ record }) => record({ type: "step.woken", step: key, generation, attempt }));
  return { isGoing: true, hints: takeHints(ledger, state, ledger.deps.now()) };
}

/** Also when its time is over: until somebody else claims the step, its outcome is taken. */
const isLive = (step: Step, lease: number): boolean => step.status === "running" && step.lease?.number === lease;

/** Without somebody's word: its hint is under way, or its runner is about to ask. */
const isComing = ({ deps }: Ledger, { status, dueAt }: Step): boolean =>
  status === "running" || (status === "ready" && dueAt <= deps.now());

export type SlotOfRun = { readonly key: string; readonly limit: number; readonly lease: number };

/** The slot that the run has, or had until it ended. */
export function slotOfRun({ state, deps }: Ledger): SlotOfRun | undefined {
  const step = state?.steps.get(PROLOGUE_KEY);
  const output = step?.status === "succeeded" ? valueIn(deps.store, step.outputSeq, "output") : undefined;
  return output !== undefined && "json" in output ? JSON.parse(output.json).data : undefined;
}
