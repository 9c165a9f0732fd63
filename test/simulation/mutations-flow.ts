/** Planted bugs in slots, and in the steps and runs that wait for one; see `mutations.ts`. */
import type { Mutation } from "./mutation.ts";

const SLOTS = "slots/slot-ledger.ts";
const PROLOGUE = "model/prologue.ts";

export const FLOW_MUTATIONS: readonly Mutation[] = [
  {
    bug: "a step of a line is not told what the one before it answered",
    file: "line.ts",
    find: "if (!needed.includes(key)) return step;",
    replace: "if (needed.length >= 0) return step;",
  },
  {
    bug: "a step of a line counts although what it was computed on does not",
    file: "ledger/settle.ts",
    find: "outcome.follows === true && isRefused ?",
    replace: "outcome.follows === true && outcomes.length === 0 ?",
  },
  {
    bug: "a step of a line does not see what ends before it is ready",
    file: "ledger/line.ts",
    find: "if (!isScopeSettled(state, { vertex, item: first.item }, inLine)) break;",
    replace: "if (inLine.size === 0 && !isScopeSettled(state, { vertex, item: first.item }, inLine)) break;",
  },
  {
    bug: "a line goes on with a step that the world notices",
    file: "ledger/line.ts",
    find: 'effects === "pure" && lane === "steps" &&',
    replace: "effects !== undefined && lane !== undefined &&",
  },
  {
    bug: "one slot more than there are is given",
    file: SLOTS,
    find: "if (ledger.holders.size >= entry.limit) return;",
    replace: "if (ledger.holders.size > entry.limit) return;",
  },
  {
    bug: "a release of an old lease frees the slot of the new one",
    file: SLOTS,
    find: "if (ledger.holders.get(id)?.grant?.lease === ref.lease) remove(ledger, id);",
    replace: "if (ledger.holders.has(id)) remove(ledger, id);",
  },
  {
    bug: "what a run said of an old lease frees the slot of the new one",
    file: "slots/slot-questions.ts",
    find: "if (entry?.grant?.lease !== lease) return;",
    replace: "if (!entry?.grant) return;",
  },
  {
    bug: "a lease that is at work is told to be over",
    file: "ledger/slots.ts",
    find: 'step.status === "running" && step.lease?.number === lease;',
    replace: "false;",
  },
  {
    bug: "a run that is going is told not to need its slot",
    file: "ledger/slots.ts",
    find: "isLive(step, lease) || slotOfRun(ledger)?.lease === lease",
    replace: "isLive(step, lease)",
  },
  {
    bug: "a slot wakes who waits for something else",
    file: "ledger/slots.ts",
    find: "if (!isQueued(step)) return { isGoing: isComing(ledger, step), hints: [] };",
    replace: "",
  },
  {
    bug: "a step that waits for a slot forgets what it was about",
    file: "ledger/settle.ts",
    find: 'if (result.reason === "concurrency") return queuedEvent(step, result, now);',
    replace: "",
  },
  {
    bug: "a run begins before it has its slot",
    file: PROLOGUE,
    find: "if (!hasQueued(state, at)) return finish(",
    replace: "hasQueued(state, at); return finish(",
  },
  {
    bug: "a redrive goes on without a slot",
    file: PROLOGUE,
    find: "if (!hasQueued(state, at)) goOn(",
    replace: "hasQueued(state, at); goOn(",
  },
];
