/** Planted bugs in pauses, calls, offers and the end of a run; see `mutations.ts`. */
import type { Mutation } from "./mutation.ts";

const FOLD = "model/fold.ts";
const WAITING = "model/waiting.ts";
const STATE = "model/run-state.ts";
const DUE = "model/due.ts";
const SETTLE = "ledger/settle.ts";
const CLAIM = "ledger/claim.ts";
const ASSIGN = "ledger/assign.ts";
const EXCHANGES = "ledger/exchanges.ts";
const CONTROL = "ledger/control.ts";

export const WAIT_MUTATIONS: readonly Mutation[] = [
  // pauses
  {
    bug: "a step that has waited for a store forgets the runs that it owns",
    file: WAITING,
    find: "return { awaited, backoffs: backoffs + 1,",
    replace: "return { awaited: undefined ?? (backoffs < 0 ? awaited : undefined), backoffs: backoffs + 1,",
  },
  {
    bug: "an answer is forgotten when its step has waited for a store",
    file: "model/run-state.ts",
    find: "wait === undefined || wait.isAfterAnswer === true;",
    replace: "wait === undefined;",
  },
  {
    bug: "an answer is accepted twice",
    file: CONTROL,
    find: "if (before !== undefined) return before.digest",
    replace: "if (before !== undefined && before.digest === given.digest) return before.digest",
  },
  {
    bug: "an early answer is dropped",
    file: WAITING,
    find: "if (isAnswerable(reason) && state.answers.has(answerKey(step.key, step.generation, event.wait)))",
    replace: "if (false)",
  },
  { bug: "an answer wins against an expiry", file: CONTROL, find: "|| isExpired(step, now)) return", replace: ") return" },
  {
    bug: "the number of the wait is ignored",
    file: STATE,
    find: "JSON.stringify([step, generation, wait])",
    replace: "JSON.stringify([step, generation])",
  },
  {
    bug: "an old answer is handed out again",
    file: ASSIGN,
    find: "answerOf(deps.store, state, step, step.waits - 1)",
    replace: "answerOf(deps.store, state, step, 0)",
  },
  {
    bug: "an answer is taken for a wait that a runner goes on from",
    file: CONTROL,
    find: 'const isOpen = step.status === "waiting" && step.wait',
    replace: "const isOpen = step.wait",
  },
  {
    bug: "a timer rings too early",
    file: DUE,
    find: "return step.dueAt <= now && !isExpired(step, now);",
    replace: "return !isExpired(step, now);",
  },
  {
    bug: "nobody can answer an approval",
    file: "model/log.ts",
    find: 'reason === "callback" || reason === "approval"',
    replace: 'reason === "callback"',
  },
  // calls
  { bug: "a retry goes on with the results of the attempt before", file: FOLD, find: "step.exchangeSeqs = [];", replace: "" },
  {
    bug: "a pause forgets the results of the calls before it",
    file: SETTLE,
    find: "results === undefined || results.length === 0 ? {} : { results }",
    replace: "{}",
  },
  {
    bug: "results are logged under a void lease",
    file: EXCHANGES,
    find: "liveStep(ledger, lease)",
    replace: "ledger.state?.steps.get(lease.step)",
  },
  {
    bug: "an answer ends a sleep",
    file: WAITING,
    find: 'step?.status === "waiting" && step.wait !== undefined && isAnswerable(step.wait.reason);',
    replace: 'step?.status === "waiting";',
  },
  { bug: "an early answer ends a sleep", file: WAITING, find: "if (isAnswerable(reason) && state.answers", replace: "if (state.answers" },
  { bug: "a sleep uses up the number of a callback", file: WAITING, find: "if (isAnswerable(reason)) step.waits", replace: "step.waits" },
  {
    bug: "an answer in the middle of a part ends the part",
    file: ASSIGN,
    find: "if (step.pauses === 0 || step.isMidway) return null;",
    replace: "if (step.pauses === 0) return null;",
  },
  {
    bug: "a step that yielded is not ready again",
    file: WAITING,
    find: "step.isMidway = true;\n  resume(state, step, at);",
    replace: "step.isMidway = true;",
  },
  // offers
  {
    bug: "an offer hinders a claim",
    file: CLAIM,
    find: "ledger.offers.delete(key);",
    replace: 'if (ledger.offers.has(key)) return { kind: "skip", step: key, why: "leased" };',
  },
  {
    bug: "an offer has the number of another lease",
    file: ASSIGN,
    find: "const number = drawLease(ledger.deps);",
    replace: "const number = 7;",
  },
  {
    bug: "a run is cancelled after its end",
    file: CONTROL,
    find: 'if (state.ended !== undefined) return { kind: "terminal" };',
    replace: "",
  },
  {
    bug: "a cancelled run goes on",
    file: "model/restart.ts",
    find: 'for (const step of state.live) finish(state, step, "cancelled", at, []);',
    replace: "",
  },
  {
    bug: "a redrive from one node leaves what was cancelled",
    file: "model/redrive.ts",
    find: "isNamed(step) || isCutShort(step)",
    replace: "isNamed(step)",
  },
  { bug: "the timeout of a redriven run counts from its start", file: "model/fold-redrive.ts", find: "state.resumedAt = at;", replace: "" },
  { bug: "a redrive forgets what comes after", file: "model/redrive.ts", find: "if (next !== undefined) chosen.add(next);", replace: "" },
];
