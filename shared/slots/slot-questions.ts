/** What the slots of a key ask the runs, so that nothing that was lost is missed for long (S2, S4): the work of the object's alarm. */
import { HOUR_MS, SECOND_MS } from "../model/limits.ts";
import { change, HANDED_MS, put, remove, type SlotLedger } from "./slot-ledger.ts";
import type { SlotEntry } from "./slot-store.ts";

/** `lease` null: a slot is handed to the step, which is woken. Else: does this lease still work? */
export type SlotQuestion = Pick<SlotEntry, "id" | "tenant" | "runId" | "step"> & { readonly lease: number | null };

const WAKE_AGAIN_MS = 3 * SECOND_MS;
/** Nobody waits for what an idle slot keeps. */
const IDLE_ASK_MS = HOUR_MS;
const MAX_QUESTIONS = 20;

/** What is to be asked now, the longest unasked first. It counts as asked: an answer that is lost is asked for again. */
export function questions(ledger: SlotLedger): readonly SlotQuestion[] {
  return change(ledger, (now) => {
    const due = [...ledger.holders.values()].filter((entry) => askAt(ledger, entry, now) <= now);
    const asked = due.toSorted((one, other) => lastAsked(ledger, one) - lastAsked(ledger, other)).slice(0, MAX_QUESTIONS);
    for (const { id } of asked) ledger.askedAt.set(id, now);
    return asked.map(({ id, tenant, runId, step, grant }) => ({ id, tenant, runId, step, lease: grant?.lease ?? null }));
  });
}

/** What the run said. If the slot is in other hands by now, it says nothing. */
export function heard(ledger: SlotLedger, { id, lease }: SlotQuestion, isGoing: boolean): void {
  change(ledger, (now) => {
    const entry = ledger.holders.get(id);
    if (entry?.grant?.lease !== lease) return;
    if (!isGoing) remove(ledger, id);
    else if (lease === null) put(ledger, { ...entry, grant: { ...entry.grant, until: now + HANDED_MS } });
  });
}

/** When to ask the next question; infinity: nobody has a slot. */
export function nextQuestionAt(ledger: SlotLedger): number {
  const now = ledger.deps.now();
  let next = Number.POSITIVE_INFINITY;
  for (const entry of ledger.holders.values())
    next = Math.min(next, askAt(ledger, entry, now), entry.grant?.until ?? Number.POSITIVE_INFINITY);
  return next;
}

const lastAsked = ({ askedAt }: SlotLedger, { id }: SlotEntry): number => askedAt.get(id) ?? 0;

function askAt(ledger: SlotLedger, entry: SlotEntry, now: number): number {
  const asked = lastAsked(ledger, entry);
  if (asked > now) return now; // the clock was set back
  if (entry.grant?.lease === null) return asked + WAKE_AGAIN_MS;
  return asked + (ledger.waiters.size > 0 ? ledger.deps.askMs : IDLE_ASK_MS);
}
