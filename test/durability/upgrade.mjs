/**
 * Upgrade and roll-back with real processes on one data directory: the engine of today, then one whose version is higher by one, then that of
 * today again while runs of the newer one are open, then the newer one. Each is ended by SIGKILL. Meanwhile workflows are deployed under load.
 *
 *   node test/durability/upgrade.mjs [--keep]       The last line is `N passed, N failed`.
 */
import { readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { createClient, inParallel, request } from "../../bench/client.mjs";
import { newEngineSettings, spawnEngine } from "../../bench/engine.mjs";
import { deployUnderLoad } from "./deploys.mjs";
import { createHands } from "./load-hands.mjs";
import { createLoad } from "./load.mjs";
import { openOutside } from "./outside.mjs";

const TIME_LIMIT_MS = 120_000;
const ENDS_WITHIN_MS = 30_000;
const LONG_MS = 9000;
/** The log of a run that goes on is told without an end. */
const LISTENS_MS = 400;
/** Nothing is written of it while it sleeps. */
const SLEEPER = {
  name: "upgrade_sleeper",
  description: "sleeps",
  flow: ["input >> ON_SUCCESS >> nap", "nap >> ON_SUCCESS >> said"],
  config: { nap: { component: "wait", ms: "{{input.nap_ms}}" }, said: { component: "set", values: { n: "{{input.n}}" } } },
};
/** Nothing is written of it until somebody answers: however slow the machine is, the newer engine has nothing to write. */
const asker = (port) => ({
  name: "upgrade_asker",
  description: "asks",
  flow: ["input >> ON_SUCCESS >> ask", "ask >> ON_SUCCESS >> said"],
  config: {
    ask: { component: "daemon_task", url: `http://127.0.0.1:${port}/`, task: "{{input.n}}" },
    said: { component: "set", values: { n: "{{ask.data.n}}" } },
  },
});
const ROOT = fileURLToPath(new URL("../upgrade", import.meta.url));

async function main(test) {
  setTimeout(() => void fail(test, `it took longer than ${TIME_LIMIT_MS / 1000} s`), TIME_LIMIT_MS).unref();
  const settings = (test.settings = { ...(await newEngineSettings()), root: ROOT });
  test.outside = await openOutside({ logFile: join(settings.home, "effects.log"), random: Math.random });
  test.person = await openPerson();
  settings.egress = `127.0.0.1:${test.outside.port},127.0.0.1:${test.person.port}`;
  test.client = createClient({ url: `http://127.0.0.1:${settings.port}`, apiKey: settings.apiKey });
  const url = `http://127.0.0.1:${test.outside.port}`;
  const byHand = new Set(createHands(url).map(({ name }) => name)); // what wants somebody beside it is the kill test's
  test.load = [
    ...createLoad(url).filter(({ name }) => !byHand.has(name)),
    { name: SLEEPER.name, definition: SLEEPER, output: (n) => ({ n }), effects: [] },
  ];

  const asking = { name: "upgrade_asker", definition: asker(test.person.port), output: (n) => ({ n }), effects: [] };

  await start(test, 0);
  await test.client.push(asking.definition);
  for (const { definition, starts = [] } of test.load) for (const one of [...starts, definition]) await test.client.push(one);
  const deploys = await deployUnderLoad(test.client);
  check("a run keeps to the version of its workflow that it began with", deploys.problems, deploys.note);
  const old = await startRuns(test, 200);
  await startRuns(test, LONG_MS);
  const untouched = await inParallel([asking], 1, (work) => startRun(test, work, 0));
  await isWaiting(test.client, untouched[0].id);
  await test.engine.kill();

  await start(test, 1);
  const newer = [...(await startRuns(test, LONG_MS)), ...(await startRuns(test, LONG_MS, [SLEEPER.name]))];
  check("the newer engine ends what the older one began", await problemsOf(test, old));
  const asleep = newer.filter(({ work }) => work.name === SLEEPER.name);
  const before = await inParallel(asleep, 8, ({ id }) => eventsOf(test, id));
  const ended = (await inParallel(asleep, 8, ({ id }) => test.client.run(id))).filter(({ ended_at: endedAt }) => endedAt);
  check("the roll-back meets open runs of the newer engine", ended.length > 0 ? [`${ended.length} have ended`] : []);
  await test.engine.kill();

  await start(test, 0);
  const rolledBackAt = Date.now();
  await judgeRollBack(test, { newer, untouched });
  await test.engine.kill();
  const backUntil = Date.now();

  await start(test, 1);
  check("forward again, every run ends with the right output", await problemsOf(test, test.runs), `${test.runs.length} runs`);
  const after = await inParallel(asleep, 8, ({ id }) => eventsOf(test, id));
  check(
    "what the newer engine had written is as it was",
    before.flatMap((text, i) => (after[i].startsWith(text) && text !== "" ? [] : asleep[i].id)),
  );
  check("the older engine wrote nothing in the runs of the newer one", await writtenBetween(test, newer, rolledBackAt, backUntil));
  check("every effect is there, under one idempotency key", effectProblems(test), `${test.outside.effects().length} effects`);
  await close(test);
  report();
}

async function start(test, newerBy) {
  test.settings.env = { NEWER_BY: String(newerBy) };
  test.engine = spawnEngine(test.settings);
  await test.engine.ready;
  console.log(`the ${newerBy > 0 ? "newer" : "older"} engine is ready after ${((Date.now() - test.startedAt) / 1000).toFixed(1)} s`);
}

/** One of each workflow, or of those that are named. */
async function startRuns(test, napMs, names = test.load.map(({ name }) => name)) {
  const chosen = test.load.filter(({ name }) => names.includes(name));
  return inParallel(chosen, 4, (work) => startRun(test, work, napMs));
}

async function startRun(test, work, napMs) {
  const run = { n: test.runs.length, work, id: undefined };
  test.runs.push(run);
  run.id = await test.client.trigger(work.name, { n: run.n, nap_ms: napMs });
  return run;
}

async function isWaiting(client, id) {
  for (const deadline = Date.now() + ENDS_WITHIN_MS; Date.now() < deadline; await sleep(50)) {
    if ((await client.steps(id)).some(({ node, status }) => node === "ask" && status === "waiting")) return;
  }
  throw new Error(`${id} does not wait for an answer`);
}

/** Takes a task, and answers when it is told to. */
async function openPerson() {
  let task;
  const server = http.createServer((incoming, response) => {
    let text = "";
    incoming.setEncoding("utf8").on("data", (part) => (text += part));
    incoming.once("end", () => {
      task = JSON.parse(text);
      response.writeHead(202, { "content-type": "application/json" }).end('{"task_id":"asked"}');
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  return {
    port: server.address().port,
    answer: () => request(task.callback_url, { method: "POST" }, { task_id: "asked", data: { n: task.task } }),
  };
}

async function judgeRollBack(test, { newer, untouched }) {
  const { client, settings } = test;
  const logFile = join(settings.home, "engine.log");
  const logged = readFileSync(logFile, "utf8").length;
  const refused = await inParallel(newer, 4, async ({ id }) => {
    const answers = [await client.call("GET", `/runs/${id}`), await client.call("POST", `/runs/${id}/cancel`, {})];
    const isRefused = ({ status, json }) => status === 503 && json?.code === "run.newer_engine" && json.type?.includes("run.newer_engine");
    return answers.filter((answer) => !isRefused(answer)).map(({ status, text }) => `${id}: ${status} ${text.slice(0, 300)}`);
  });
  check("the older engine refuses the runs of the newer one", refused.flat(), `${newer.length} runs`);
  const { status } = await client.call("GET", "/health");
  check("the older engine is healthy", status === 200 ? [] : [`/health answered ${status}`]);
  await test.person.answer();
  const fresh = await startRuns(test, 200);
  check("the older engine goes on with its own runs, and begins others", await problemsOf(test, [...untouched, ...fresh]));
  const lines = readFileSync(logFile, "utf8").slice(logged).split("\n");
  const said = lines.filter((line) => line.includes("newer_engine") || line.includes("this is engine"));
  check("the log of the engine says so", said.length === 0 ? ["it does not"] : []);
}

async function problemsOf({ client }, runs) {
  const problems = await inParallel(runs, 8, async ({ id, n, work }) => {
    const last = await client.waitRun(id, ENDS_WITHIN_MS).catch((error) => ({ status: error.message }));
    if (last.status === "succeeded" && isDeepStrictEqual(last.output, work.output(n))) return [];
    return [`${work.name} ${id} is ${last.status}: ${JSON.stringify(last.output ?? last.error ?? null)}`];
  });
  return problems.flat();
}

/** The rows of its log that are there. */
async function eventsOf({ settings }, id) {
  const headers = { "x-arcrun-api-key": settings.apiKey };
  const signal = AbortSignal.timeout(LISTENS_MS);
  let text = "";
  try {
    const { body } = await fetch(`http://127.0.0.1:${settings.port}/runs/${id}/events`, { headers, signal });
    for await (const part of body.pipeThrough(new TextDecoderStream())) text += part;
  } catch (error) {
    if (error.name !== "TimeoutError") throw error;
  }
  return text
    .split("\n\n")
    .filter((row) => row.startsWith("id:"))
    .join("\n\n");
}

async function writtenBetween(test, runs, from, to) {
  const found = await inParallel(runs, 4, async ({ id }) => {
    const times = [...(await eventsOf(test, id)).matchAll(/"at":"?([^",}]+)/g)].map(([, at]) =>
      /^\d+$/.test(at) ? Number(at) : Date.parse(at),
    );
    if (times.length === 0) return [`${id}: its log tells no times`];
    return times.some((at) => at > from && at < to) ? [`${id} has a row of that time`] : [];
  });
  return found.flat();
}

function effectProblems({ outside, runs }) {
  const keys = new Map();
  for (const { key, run, step } of outside.effects()) keys.set(`${run} ${step}`, [...(keys.get(`${run} ${step}`) ?? []), key]);
  return runs.flatMap(({ n, work }) =>
    work.effects.flatMap((step) => {
      const count = keys.get(`${n} ${step}`)?.length ?? 0;
      return count === 1 ? [] : [`run ${n}, ${step}: ${count} keys`];
    }),
  );
}

const tally = { passed: 0, failed: 0 };

function check(title, problems, note = "") {
  tally[problems.length === 0 ? "passed" : "failed"]++;
  console.log(`${problems.length === 0 ? "ok    " : "FAILED"} ${title}${note && ` (${note})`}`);
  for (const problem of problems.slice(0, 5)) console.log(`       ${problem}`);
}

async function close({ engine, outside, client, settings }) {
  await engine?.kill();
  outside?.close();
  client?.close();
  if (process.argv.includes("--keep")) console.log(`kept ${settings?.home}`);
  else if (settings) rmSync(settings.home, { recursive: true, force: true, maxRetries: 5 });
}

function report() {
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  process.exit(tally.failed > 0 ? 1 : 0);
}

async function fail(test, reason) {
  check("the test comes to its end", [reason]);
  await close(test).catch(() => {});
  report();
}

const test = { runs: [], startedAt: Date.now() };
main(test).catch((error) => fail(test, error.stack));
