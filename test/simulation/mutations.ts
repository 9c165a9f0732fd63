/**
 * Bugs planted into the engine, to prove that the simulator finds what it is there to find. Each changes one place in the
 * source text while the simulator and the engine are bundled; the engine itself knows nothing of it.
 */
import type { Mutation } from "./mutation.ts";
import { CHILD_MUTATIONS } from "./mutations-children.ts";
import { LOOP_MUTATIONS } from "./mutations-loops.ts";
import { FLOW_MUTATIONS } from "./mutations-flow.ts";
import { WAIT_MUTATIONS } from "./mutations-waits.ts";

const FOLD = "model/fold.ts";
const ADVANCE = "model/advance.ts";
const DUE = "model/due.ts";
const JOINS = "model/joins.ts";
const CLAIM = "ledger/claim.ts";
const SWEEP = "ledger/sweep.ts";
const LEDGER = "ledger/ledger.ts";

export const MUTATIONS: readonly Mutation[] = [
  // messages and alarms
  {
    bug: "a hint counts as delivered once it was sent",
    file: SWEEP,
    find: "return sentAt(hinted, now) + resendAfter(ledger, hinted.times) <= now && sentAt(hinted, now) < backlogSince;",
    replace: "return false;",
  },
  {
    bug: "the alarm forgets leases",
    file: SWEEP,
    find: "if (lease !== undefined) return lease.until;",
    replace: "if (lease !== undefined) return Infinity;",
  },
  {
    bug: "the alarm forgets timers and retries",
    file: SWEEP,
    find: "if (due > now) return step.status",
    replace: "if (due > now && step.status !== 'running') return Infinity; if (due > now) return step.status",
  },
  {
    bug: "the alarm rings for ever while a hint lies in the backlog",
    file: SWEEP,
    find: "return resendAt > now ? resendAt : now + ledger.deps.resendMs;",
    replace: "return resendAt;",
  },
  {
    bug: "the alarm forgets the final callback",
    file: SWEEP,
    find: "if (state.ended !== undefined) for (const step of",
    replace: "for (const step of [].length === 0 ? [] : ",
  },
  { bug: "waits never expire", file: SWEEP, find: "filter((one) => isExpired(one, now))", replace: "filter(() => false)" },
  // leases
  { bug: "the lease is not fenced", file: LEDGER, find: "return live === ref.lease ? step : undefined;", replace: "return step;" },
  {
    bug: "a lease has the number of the one before",
    file: LEDGER,
    find: "=> lastLease + 1;",
    replace: "=> Math.max(1, lastLease);",
  },
  {
    bug: "a lease of a dead process is honoured for ever",
    file: DUE,
    find: "lease.boot !== boot || lease.until <= now",
    replace: "lease.boot === boot && lease.until <= now",
  },
  {
    bug: "a live lease is given to somebody else",
    file: DUE,
    find: "return step.lease !== undefined && isVoid(step.lease, now, boot);",
    replace: "return true;",
  },
  {
    bug: "a once step runs again after a crash",
    file: CLAIM,
    find: 'step.status === "running" && step.vertex.effects === "once"',
    replace: "false",
  },
  { bug: "a result of an old generation counts", file: LEDGER, find: "&& step.generation === generation", replace: "" },
  { bug: "a result of an old attempt counts", file: LEDGER, find: "&& step.attempt === attempt;", replace: ";" },
  {
    bug: "a result of a finished step counts again",
    file: LEDGER,
    find: "&& !isStepTerminal(step.status) && step.generation",
    replace: "&& step.generation",
  },
  {
    bug: "memory goes on although the log refused",
    file: LEDGER,
    find: "    reload(ledger);\n    throw thrown;",
    replace: "    throw thrown;",
  },
  {
    bug: "a refused write is swallowed: sent before it is committed",
    file: LEDGER,
    find: "if (rows.length > 0) ledger.deps.store.append(rows);",
    replace: "try { if (rows.length > 0) ledger.deps.store.append(rows); } catch {}",
  },
  { bug: "an attempt is not counted", file: FOLD, find: "step.attempt = event.attempt + 1;", replace: "step.attempt = event.attempt;" },
  { bug: "one attempt too many", file: "model/backoff.ts", find: "attempt >= policy.attempts", replace: "attempt > policy.attempts" },
  {
    bug: "a retry does not wait",
    file: DUE,
    find: '    case "retrying":\n      return step.dueAt <= now;',
    replace: '    case "retrying":\n      return true;',
  },
  { bug: "a delay is ignored", file: ADVANCE, find: "dueAt: at + vertex.delayMs", replace: "dueAt: at" },
  // graph
  {
    bug: "deadness does not travel on",
    file: ADVANCE,
    find: 'finish(state, step, "skipped", at, []);',
    replace: '{ state.live.delete(step); step.status = "skipped"; }',
  },
  {
    bug: "a join fires once per arrival",
    file: ADVANCE,
    find: "if (state.steps.has(stepKey(vertex.key, item))) return;",
    replace: "",
  },
  {
    bug: "a redrive leaves what is downstream of it",
    file: "model/restart.ts",
    find: "state.steps.delete(key);",
    replace: "if (state.live.has(step) || step.status === 'failed') state.steps.delete(key);",
  },
  {
    bug: "settled does not wait for all",
    file: JOINS,
    find: 'if (open > 0) return "wait";',
    replace: 'if (open > 0 && taken === 0) return "wait";',
  },
  {
    bug: "all fires although an edge is dead",
    file: JOINS,
    find: 'if (dead > 0) return "skip";',
    replace: 'if (dead === total) return "skip";',
  },
  {
    bug: "any waits for all",
    file: JOINS,
    find: 'if (taken > 0) return "fire";\n      return open',
    replace: 'if (taken > 0 && open === 0) return "fire";\n      return open',
  },
  { bug: "quorum wants one more", file: JOINS, find: "taken >= join.count", replace: "taken > join.count" },
  {
    bug: "PIPE is dead after a failure",
    file: "model/edges.ts",
    find: 'if (relation.kind === "pipe") return true;',
    replace: 'if (relation.kind === "pipe") return false;',
  },
  {
    bug: "ON_FAIL is followed beside ON_FAIL(code)",
    file: "model/edges.ts",
    find: "specific ? code : undefined);",
    replace: "code) || (relation.kind === 'fail' && relation.code === undefined);",
  },
  {
    bug: "PIPE handles a failure",
    file: "model/failures.ts",
    find: 'relation.kind === "fail" && taken.includes(id)',
    replace: "taken.includes(id)",
  },
  ...WAIT_MUTATIONS,
  ...LOOP_MUTATIONS,
  ...FLOW_MUTATIONS,
  ...CHILD_MUTATIONS,
];
