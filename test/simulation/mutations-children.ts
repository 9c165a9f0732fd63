/** Planted bugs in what runs do about each other; see `mutations.ts`. */
import type { Mutation } from "./mutation.ts";

const FOLD = "model/fold.ts";
const REDRIVEN = "model/fold-redrive.ts";
const AWAITED = "model/awaited-runs.ts";
const KIN = "ledger/kin.ts";

export const CHILD_MUTATIONS: readonly Mutation[] = [
  // a step that waits
  {
    bug: "a notice that comes before the pause is dropped",
    file: "model/waiting.ts",
    find: "resume(state, step, at);\n  return wakeIfEnough(state, step, at);",
    replace: "resume(state, step, at);\n  return state;",
  },
  {
    bug: "a notice wakes nobody",
    file: FOLD,
    find: "return wakeIfEnough(state, stepOf(state, event.step), at);",
    replace: "return state;",
  },
  {
    bug: "the end of an earlier life counts",
    file: AWAITED,
    find: "end !== undefined && end.life >= life ? end",
    replace: "end !== undefined ? end",
  },
  {
    bug: "one run more than wanted is waited for",
    file: AWAITED,
    find: "ends.length >= awaited.wanted",
    replace: "ends.length > awaited.wanted",
  },
  { bug: "one run is enough", file: AWAITED, find: "ends.length >= awaited.wanted", replace: "ends.length > 0" },
  {
    bug: "a failed run does not end the wait at once",
    file: AWAITED,
    find: "|| (awaited.stopsAtFailure === true && ends.some(({ failed }) => failed))",
    replace: "",
  },
  { bug: "a notice for an old generation counts", file: KIN, find: "step.generation !== generation || knowsEnd", replace: "knowsEnd" },
  { bug: "the same notice is logged again", file: KIN, find: "|| knowsEnd(state, step, run)) continue;", replace: ") continue;" },
  {
    bug: "a step that is over is told",
    file: KIN,
    find: "if (step === undefined || isStepTerminal(step.status) || step.generation",
    replace: "if (step === undefined || step.generation",
  },
  // a run that is waited for
  { bug: "an errand counts as done once it is on its way", file: KIN, find: "+ 1, isDone: false });", replace: "+ 1, isDone: true });" },
  {
    bug: "the alarm forgets errands",
    file: "ledger/sweep.ts",
    find: "heldBackUntil(ledger, state, now),\n    nextErrandAt(ledger),",
    replace: "heldBackUntil(ledger, state, now),",
  },
  {
    bug: "the owner is not told",
    file: "model/kin.ts",
    find: "if (owner !== undefined && parentRunId !== undefined)",
    replace: "if (false)",
  },
  {
    bug: "a run that was cancelled says that it succeeded",
    file: KIN,
    find: 'ended?.status !== "succeeded"',
    replace: 'ended?.status === "failed"',
  },
  { bug: "others are told of the first end only", file: REDRIVEN, find: "if (hadEnded) state.kin.life += 1;", replace: "" },
  {
    bug: "a held step that runs again is a new life",
    file: REDRIVEN,
    find: "if (hadEnded) state.kin.life += 1;",
    replace: "state.kin.life += 1;",
  },
  {
    bug: "who watches again is logged again",
    file: KIN,
    find: "state.ended === undefined && !state.kin.watchers.has(watcherKey(watcher))",
    replace: "state.ended === undefined",
  },
  { bug: "a run that has ended is watched", file: KIN, find: "state.ended === undefined && !state.kin", replace: "!state.kin" },
  // owners
  { bug: "a step that is over leaves its runs", file: AWAITED, find: "state.kin.orphans.set(run.runId, run);", replace: "void run;" },
  { bug: "runs of others are cancelled, too", file: AWAITED, find: "if (step.wait?.awaited?.isOwner !== true) return;", replace: "" },
  {
    bug: "a run does not ask whether it is wanted",
    file: KIN,
    find: "else if (kin.life === 0 && owner",
    replace: "else if (kin.life < 0 && owner",
  },
  {
    bug: "a run that may be held soon is told that nobody wants it",
    file: KIN,
    find: '? "held" : "unclear"',
    replace: '? "held" : "gone"',
  },
];
