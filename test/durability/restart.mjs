/**
 * The proof of the restart: many runs are open when the whole process group is killed, and all that was due goes on soon after it is back.
 * A third waits for a timer that falls due while nothing runs, a third for a callback, and a third was just accepted, so that the hints
 * for its steps were in the memory of the broker. Every result is looked at.
 *
 *   npm run prove:restart -- [--runs 1000] [--cycles 5] [--keep]
 *
 * Times are those of this machine, and are compared with the goals but do not fail the proof: a wrong or a missing result does.
 * The last line is `N passed, N failed`.
 */
import { rmSync } from "node:fs";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, inParallel, quantile, range } from "../../bench/client.mjs";
import { newEngineSettings, spawnEngine } from "../../bench/engine.mjs";

const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "1000" },
    cycles: { type: "string", default: "5" },
    keep: { type: "boolean", default: false },
  },
});
const RUNS = Number(options.runs);
const CYCLES = Number(options.cycles);
const GOALS_MS = { ready: 2000, first: 2000, drained: 10_000 };
const STARTS_AT_ONCE = 16;
/** Timers are due so long after the first of them was started: after the kill, wherever a run takes less than this. */
const START_TAKES_MS = 12;
const ENDS_WITHIN_MS = 60_000;
const TIME_LIMIT_MS = 60_000 + CYCLES * (90_000 + RUNS * 2 * START_TAKES_MS);

const add = (a, b) => ({ component: "number_ops", op: "add", a, b });
const flow = (names) => names.slice(1).map((name, i) => `${names[i]} >> ON_SUCCESS >> ${name}`);
const CHAIN = range(6).map((i) => `step${i}`);
const KINDS = {
  callback: {
    flow: flow(["input", "ask", "sum"]),
    config: { ask: { component: "wait_for_callback" }, sum: add("{{ask.data.given}}", "{{input.n}}") },
    output: (n) => ({ result: 3 * n }),
  },
  timer: {
    flow: flow(["input", "nap", "sum"]),
    config: { nap: { component: "wait", until: "{{input.until}}" }, sum: add("{{input.n}}", 1) },
    output: (n) => ({ result: n + 1 }),
  },
  hint: {
    flow: flow(["input", ...CHAIN]),
    config: Object.fromEntries(CHAIN.map((name, i) => [name, add(i === 0 ? "{{input.n}}" : `{{${CHAIN[i - 1]}.data.result}}`, 1)])),
    output: (n) => ({ result: n + CHAIN.length }),
  },
};

async function main(proof) {
  for (const [name, value] of Object.entries({ runs: RUNS, cycles: CYCLES }))
    if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} is not a whole number from 1`);
  setTimeout(() => void fail(proof, `it took longer than ${TIME_LIMIT_MS / 1000} s`), TIME_LIMIT_MS).unref();
  proof.settings = await newEngineSettings();
  const { home, port, apiKey } = proof.settings;
  proof.client = createClient({ url: `http://127.0.0.1:${port}`, apiKey });
  proof.engine = spawnEngine(proof.settings);
  await proof.engine.ready;
  for (const [kind, { flow, config }] of Object.entries(KINDS))
    await proof.client.push({ name: `restart_${kind}`, description: "load of the proof of the restart", flow, config });
  console.log(`${CYCLES} cycles of ${RUNS} runs, data in ${home}`);
  for (let cycle = 1; cycle <= CYCLES; cycle++) await oneCycle(proof, cycle);
  await close(proof);
  for (const what of Object.keys(GOALS_MS)) sayGoal(what, proof.times[what]);
  report(proof);
}

async function oneCycle(proof, cycle) {
  const { runs, dueAt } = await startRuns(proof.client);
  const killedAt = Date.now();
  await proof.engine.kill();
  await sleep(Math.max(0, dueAt - Date.now())); // dead when the timers are due
  const spawnedAt = Date.now();
  proof.engine = spawnEngine(proof.settings);
  await proof.engine.ready;
  const readyAt = Date.now();
  await finish(proof.client, runs, readyAt + ENDS_WITHIN_MS);
  const open = runs.filter(({ last }) => !(Date.parse(last?.ended_at) < killedAt));
  const wrong = runs.filter(({ kind, n, last }) => last?.status !== "succeeded" || !isDeepStrictEqual(last.output, KINDS[kind].output(n)));
  for (const { kind, id, last } of wrong.slice(0, 3)) console.log(`${kind} run ${id}: ${last?.status} ${JSON.stringify(last?.output)}`);
  proof.failed += wrong.length;
  proof.passed += runs.length - wrong.length;
  const took = (kind) => open.filter((run) => kind === undefined || run.kind === kind).map(({ last }) => Date.parse(last?.ended_at) - readyAt);
  const all = took();
  const measured = { ready: readyAt - spawnedAt, first: Math.max(0, Math.min(...all)), drained: Math.max(...all) };
  for (const [what, ms] of Object.entries(measured)) proof.times[what].push(ms);
  const each = Object.keys(KINDS).map((kind) => `${kind} ${took(kind).length}: ${shown(took(kind)) || "-"}`);
  console.log(`cycle ${cycle}: ready ${measured.ready} ms, first progress ${measured.first} ms after it; ${all.length} open, ended: ${shown(all)} (${each.join("; ")})`);
}

/** Runs that wait first, those that are cut off last; then they are not waited for. */
async function startRuns(client) {
  const count = Math.ceil(RUNS / 3);
  const dueAt = Date.now() + 4000 + RUNS * START_TAKES_MS;
  const until = new Date(dueAt).toISOString();
  const runs = Object.keys(KINDS).flatMap((kind) => range(count).map((n) => ({ kind, n })));
  await inParallel(runs, STARTS_AT_ONCE, async (run) => {
    run.id = await client.trigger(`restart_${run.kind}`, { n: run.n, until });
  });
  return { runs, dueAt };
}

async function finish(client, runs, deadline) {
  await inParallel(
    runs.filter(({ kind }) => kind === "callback"),
    STARTS_AT_ONCE,
    ({ id, n }) => client.call("POST", "/workflows/resume", { run_id: id, data: { given: 2 * n } }),
  );
  await inParallel(runs, 4, async (run) => {
    run.last = await client.waitRun(run.id, Math.max(0, deadline - Date.now()));
  });
}

const shown = (times) => times.length > 0 && `half after ${quantile(times, 0.5)} ms, all after ${quantile(times, 1)} ms`;

function sayGoal(what, times) {
  const [median, longest] = [0.5, 1].map((share) => quantile(times, share));
  const goal = GOALS_MS[what];
  console.log(`${what}: median ${median} ms, longest ${longest} ms; the goal is ${goal} ms: ${longest <= goal ? "met" : "MISSED"}`);
}

async function close({ engine, client, settings }) {
  await engine?.kill();
  client?.close();
  if (settings && options.keep) console.log(`kept ${settings.home}`);
  else if (settings) rmSync(settings.home, { recursive: true, force: true, maxRetries: 5 });
}

function report({ passed, failed }) {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed > 0 ? 1 : 0);
}

async function fail(proof, reason) {
  console.error(reason);
  await close(proof).catch(() => {});
  report({ passed: proof.passed, failed: proof.failed + 1 });
}

const proof = { passed: 0, failed: 0, times: { ready: [], first: [], drained: [] } };
main(proof).catch((error) => fail(proof, error.stack));
