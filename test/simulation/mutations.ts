/**
 * Bugs planted into the engine, to prove that the simulator finds what it is there to find. Each changes one place in the
 * source text while the simulator and the engine are bundled; the engine itself knows nothing of it.
 */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { build } from "esbuild";
import type { randomScenario } from "./random-scenario.ts";
import type { simulate } from "./simulator.ts";

export type Mutation = { readonly bug: string; readonly file: string; readonly find: string; readonly replace: string };
export type Mutant = { readonly simulate: typeof simulate; readonly randomScenario: typeof randomScenario };
const FOLD = "model/fold.ts";
const ADVANCE = "model/advance.ts";
const STATE = "model/run-state.ts";
const DUE = "model/due.ts";
const JOINS = "model/joins.ts";
const SETTLE = "ledger/settle.ts";
const CLAIM = "ledger/claim.ts";
const CONTROL = "ledger/control.ts";
const SWEEP = "ledger/sweep.ts";
const LEDGER = "ledger/ledger.ts";

export const MUTATIONS: readonly Mutation[] = [
  // messages and alarms
  {
    bug: "a hint counts as delivered once it was sent",
    file: SWEEP,
    find: "return hinted.at + resendAfter(ledger, hinted.times) <= now && hinted.at < backlogSince;",
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
  { bug: "the lease is not fenced", file: SETTLE, find: "return live === lease ? step : undefined;", replace: "return step;" },
  {
    bug: "lease numbers start again after a crash",
    file: LEDGER,
    find: "Math.max(ledger.lastLease + 1, now * 1000 + Math.floor(ledger.deps.random() * 1000))",
    replace: "ledger.lastLease + 1",
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
  { bug: "a result of an old generation counts", file: SETTLE, find: "|| step.generation !== generation ||", replace: "||" },
  { bug: "a result of an old attempt counts", file: SETTLE, find: "|| step.attempt !== attempt) return", replace: ") return" },
  {
    bug: "a result of a finished step counts again",
    file: SETTLE,
    find: "isStepTerminal(step.status) || step.generation",
    replace: "step.generation",
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
    find: "if (vertex === undefined || state.steps.has(stepKey(vertex.key, item))) return;",
    replace: "if (vertex === undefined) return;",
  },
  { bug: "a join counts the arrivals of before a redrive, too", file: FOLD, find: "incoming?.taken.delete(edge.id);", replace: "" },
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
    file: STATE,
    find: 'relation.kind === "fail" && step.taken.includes(id)',
    replace: "step.taken.includes(id)",
  },
  // pauses
  {
    bug: "an answer is accepted twice",
    file: CONTROL,
    find: "if (before !== undefined) return before.digest",
    replace: "if (before !== undefined && before.digest === given.digest) return before.digest",
  },
  {
    bug: "an early answer is dropped",
    file: FOLD,
    find: "if (state.answers.has(answerKey(step.key, step.generation, event.wait)))",
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
    file: CLAIM,
    find: "answerKey(step.key, step.generation, step.waits - 1)",
    replace: "answerKey(step.key, step.generation, 0)",
  },
  {
    bug: "an answer is taken for a wait that a runner goes on from",
    file: CONTROL,
    find: 'const isOpen = step.status === "waiting" &&',
    replace: "const isOpen = step.wait !== undefined &&",
  },
  {
    bug: "a timer rings too early",
    file: DUE,
    find: "return step.dueAt <= now && !isExpired(step, now);",
    replace: "return !isExpired(step, now);",
  },
  {
    bug: "a run is cancelled after its end",
    file: CONTROL,
    find: 'if (state.ended !== undefined) return { kind: "terminal" };',
    replace: "",
  },
  {
    bug: "a cancelled run goes on",
    file: FOLD,
    find: 'for (const step of state.live) finish(state, step, "cancelled", at, []);',
    replace: "",
  },
  {
    bug: "a redrive from one node leaves what was cancelled",
    file: "model/redrive.ts",
    find: "(step) => isNamed(step) || isCutShort(step)",
    replace: "isNamed",
  },
  { bug: "the timeout of a redriven run counts from its start", file: FOLD, find: "state.resumedAt = at;", replace: "" },
  { bug: "a redrive forgets what comes after", file: "model/redrive.ts", find: "if (next !== undefined) chosen.add(next);", replace: "" },
];

const escaped = (word: string): string => word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
const HERE = `${import.meta.dirname}/`;
const SHARED = resolve(HERE, "../../shared") + "/";

/** The simulator around an engine with this bug. Throws if the place to change is not there exactly once. */
export async function buildMutant({ file, find, replace, bug }: Mutation): Promise<Mutant> {
  const text = await readFile(SHARED + file, "utf8");
  const place = new RegExp(find.trim().split(/\s+/).map(escaped).join("\\s+"), "g"); // however the formatter broke the lines
  if (text.match(place)?.length !== 1) throw new Error(`the place for the bug "${bug}" is not there once in shared/${file}`);
  const { outputFiles } = await build({
    stdin: { contents: 'export * from "./simulator.ts"; export * from "./random-scenario.ts";', resolveDir: HERE, loader: "ts" },
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    plugins: [
      {
        name: "plant",
        setup: (bundler) =>
          bundler.onLoad({ filter: /\.ts$/ }, ({ path }) =>
            path === SHARED + file ? { contents: text.replace(place, () => replace), loader: "ts" } : undefined,
          ),
      },
    ],
  });
  const url = `data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? []).toString("base64")}`;
  return (await import(/* @vite-ignore */ url)) as Mutant; // what the entry above exports
}
