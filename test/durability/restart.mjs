/**
 * The proof of the restart: many runs are open when the whole process group is killed, and all that was due goes on soon after it is back.
 * A third waits for a timer, a third for a callback, and a third was just accepted, so that the hints for its steps were in the memory of
 * the broker. In every other cycle the engine stays dead until the timers are due, else it is started at once. Every result is looked at.
 *
 *   npm run prove:restart -- [--runs 1000] [--cycles 5] [--keep]
 *
 * Times are those of this machine, and are compared with the goals but do not fail the proof: a wrong or a missing result does.
 * The last line is `N passed, N failed`.
 */
import { randomUUID } from "node:crypto";
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
const ENDS_WITHIN_MS = 60_000;
const ENDED = new Set(["succeeded", "failed", "cancelled"]);
const TIME_LIMIT_MS = 60_000 + CYCLES * (90_000 + RUNS * 40);

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
  if (cycle % 2 === 1) await sleep(Math.max(0, dueAt - Date.now()));
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
  const took = (kind) =>
    open
      .filter((run) => kind === undefined || run.kind === kind)
      .map(({ last, kind: of }) => Date.parse(last?.ended_at) - Math.max(readyAt, of === "timer" ? dueAt : 0));
  const all = took();
  const measured = { ready: readyAt - spawnedAt, first: Math.max(0, Math.min(...all)), drained: Math.max(...all) };
  for (const [what, ms] of Object.entries(measured)) proof.times[what].push(ms);
  const each = Object.keys(KINDS).map((kind) => `${kind} ${took(kind).length}: ${shown(took(kind)) || "-"}`);
  console.log(
    `cycle ${cycle}: ready ${measured.ready} ms, first progress ${measured.first} ms after it; ${all.length} open, ended: ${shown(all)} (${each.join("; ")})`,
  );
}

/** Those that are cut off come last, and are not waited for. How long the first ones took says when the timers are due: after the kill. */
async function startRuns(client) {
  const startedAt = Date.now();
  const first = await startKind(client, "callback", {});
  const dueAt = Date.now() + 1500 + 3 * (Date.now() - startedAt);
  const others = [await startKind(client, "timer", { until: new Date(dueAt).toISOString() }), await startKind(client, "hint", {})];
  return { runs: [first, ...others].flat(), dueAt };
}

async function startKind(client, kind, input) {
  const runs = range(Math.ceil(RUNS / 3)).map((n) => ({ kind, n }));
  await inParallel(runs, STARTS_AT_ONCE, async (run) => {
    const key = { "idempotency-key": randomUUID() };
    run.id = (await insist(client, "POST", `/webhooks/named/restart_${kind}/trigger`, { n: run.n, ...input }, key)).run_id;
  });
  return runs;
}

async function finish(client, runs, deadline) {
  await inParallel(
    runs.filter(({ kind }) => kind === "callback"),
    STARTS_AT_ONCE,
    ({ id, n }) => insist(client, "POST", "/workflows/resume", { run_id: id, data: { given: 2 * n } }),
  );
  await inParallel(runs, 4, async (run) => {
    do run.last = await insist(client, "GET", `/runs/${run.id}`);
    while (!ENDED.has(run.last.status) && Date.now() < deadline && (await sleep(50, true)));
  });
}

async function insist(client, method, path, body, headers) {
  const { status, json, text } = await client.call(method, path, body, headers);
  if (status < 200 || status >= 300) throw new Error(`${method} ${path} answered ${status}: ${text.slice(0, 300)}`);
  return json;
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
