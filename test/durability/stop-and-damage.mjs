/**
 * Two ends that are no crash. The engine is told to stop under load: it is gone within ten seconds, and when it is started again nothing
 * waits for a lease of the one before. Meanwhile somebody damages the files of some runs: those runs say so, all others end as they must, and
 * the engine does not go down with them.
 *
 *   node test/durability/stop-and-damage.mjs [--seed N] [--keep]        The last line is `N passed, N failed`.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createClient } from "../../bench/client.mjs";
import { newEngineSettings, spawnEngine } from "../../bench/engine.mjs";
import { createDeliveries } from "./deliveries.mjs";
import { prepareHands } from "./load-hands.mjs";
import { createLoad } from "./load.mjs";
import { openOutside } from "./outside.mjs";
import { createRandom } from "./seeded-random.mjs";
import { judgeRuns, openVerdict } from "./verdict.mjs";

const { values: options } = parseArgs({ options: { seed: { type: "string" }, keep: { type: "boolean", default: false } } });
const SEED = Number(options.seed ?? Math.floor(Math.random() * 2 ** 31));
const SECRET = `secret-${SEED}`;
const TIME_LIMIT_MS = 90_000;
const GONE_WITHIN_MS = 10_000;
/** Nothing of the load waits longer by its own nature, even on a busy machine; a lease would be a minute. */
const DRAINED_WITHIN_MS = 30_000;
/** An object that rests for ten seconds is closed, and its rows lie in its file. */
const CLOSED_WITHIN_MS = 25_000;
const PAGE_BYTES = 4096;
const HEADER_BYTES = 100;

const random = createRandom(SEED);
const test = {};

/** It sleeps, and when it wakes its file is no longer what it was. */
const sleeper = {
  name: "sleeper",
  description: "sleeps for a while",
  flow: ["input >> ON_SUCCESS >> nap", "nap >> ON_SUCCESS >> said"],
  config: { nap: { component: "wait", ms: 27_000 }, said: { component: "set", values: { n: "{{input.n}}" } } },
};

const flipped = (bytes, from, to) => bytes.map((byte, at) => (at >= from && at < to ? byte ^ 0xff : byte));

/** What is done to a file; `text` spares all that SQLite looks at itself. */
const DAMAGES = {
  header: (bytes) => flipped(bytes, 0, HEADER_BYTES),
  pages: (bytes) => flipped(bytes, PAGE_BYTES, bytes.length),
  text: (bytes) => Buffer.from(bytes.toString("latin1").replaceAll('{"type"', '}"type"'), "latin1"),
  nothing: (bytes) => bytes,
};

async function main() {
  setTimeout(() => void fail(`it took longer than ${TIME_LIMIT_MS / 1000} s`), TIME_LIMIT_MS).unref();
  test.settings = await newEngineSettings();
  const { home, port, apiKey } = test.settings;
  console.log(`seed ${SEED}`);
  test.outside = await openOutside({ logFile: join(home, "effects.log"), random, secret: SECRET });
  test.settings.egress = `127.0.0.1:${test.outside.port}`;
  test.client = createClient({ url: `http://127.0.0.1:${port}`, apiKey });
  const load = createLoad(`http://${test.settings.egress}`);
  test.engine = spawnEngine(test.settings);
  const url = await test.engine.ready;
  await prepareHands({ client: test.client, url, apiKey, outside: test.settings.egress, secret: SECRET });
  for (const { definition, starts = [] } of load) for (const one of [...starts, definition]) await test.client.push(one);
  await test.client.push(sleeper);
  const sleepers = [];
  for (const damage of Object.keys(DAMAGES)) sleepers.push({ damage, id: await test.client.trigger("sleeper", { n: 7 }) });
  test.deliveries = createDeliveries({ client: test.client, load, random, keyPrefix: `stop-${SEED}` });
  test.deliveries.begin();
  for (const closed = Date.now() + CLOSED_WITHIN_MS; Date.now() < closed && !sleepers.every(({ id }) => fileOf(id));) await sleep(500);
  const goneMs = await stop();
  for (const { damage, id } of sleepers) damageRun(id, DAMAGES[damage]);
  await start();
  test.deliveries.goOn();
  const open = test.deliveries.accepted();
  const startedAt = Date.now();
  await sleep(1000);
  await test.deliveries.stop();
  await test.deliveries.waitForAll(startedAt + DRAINED_WITHIN_MS);
  const drainedMs = Date.now() - startedAt;
  const ends = await endsOf(sleepers);
  const tally = judge({ load, goneMs, drainedMs, open, ends });
  await close(tally);
  report(tally);
}

/** SIGTERM for the supervisor alone, as a service manager does it; gives how long it and its runtime were still there. */
async function stop() {
  test.deliveries.pause();
  const { pid } = JSON.parse(readFileSync(join(test.settings.home, "ready.json"), "utf8"));
  const at = performance.now();
  process.kill(pid, "SIGTERM");
  while ((isThere(pid) || test.engine.workerdPid() !== undefined) && performance.now() - at < 2 * GONE_WITHIN_MS) await sleep(20);
  const goneMs = performance.now() - at;
  await test.engine.kill(); // what is left, if anything
  return goneMs;
}

function isThere(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function start() {
  test.engine = spawnEngine(test.settings);
  await test.engine.ready;
  test.workerd = test.engine.workerdPid();
}

/** The file whose bytes name the run. Undefined while they lie in the journal beside it: then damage would be undone. */
function fileOf(id) {
  const root = join(test.settings.home, "data", "state", "do");
  const names = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => /RunObject.*\.sqlite(-wal)?$/.test(name));
  const found = names.map((name) => join(root, name)).filter((file) => existsSync(file) && readFileSync(file).includes(`"${id}"`));
  return found.length === 1 && found[0].endsWith(".sqlite") ? found[0] : undefined;
}

function damageRun(id, damage) {
  const file = fileOf(id);
  if (file === undefined) throw new Error(`the rows of ${id} do not lie in a file of their own after ${CLOSED_WITHIN_MS / 1000} s`);
  writeFileSync(file, damage(readFileSync(file)));
}

/** What each damaged run says after the time at which it should have woken. */
async function endsOf(sleepers) {
  const deadline = Date.now() + 30_000;
  const healthy = sleepers.find(({ damage }) => damage === "nothing");
  await test.client.waitRun(healthy.id, Math.max(0, deadline - Date.now()));
  return Promise.all(sleepers.map(async ({ damage, id }) => ({ damage, answer: await test.client.call("GET", `/runs/${id}`) })));
}

function judge({ load, goneMs, drainedMs, open, ends }) {
  const { tally, check } = openVerdict();
  check("told to stop, it is gone soon", goneMs > GONE_WITHIN_MS ? [`${goneMs} ms`] : [], `${goneMs.toFixed(0)} ms`);
  check("work was in flight", open.length < 10 ? [`only ${open.length} runs`] : [], `${open.length} runs`);
  check("nothing waits for a lease of the engine before", drainedMs > DRAINED_WITHIN_MS ? [`${drainedMs} ms`] : [], `${drainedMs} ms`);
  for (const { damage, answer } of ends) {
    const { status, json, headers } = answer;
    const isWhole = status === 200 && json.status === "succeeded" && json.output?.n === 7;
    const isProblem = status >= 500 && headers["content-type"] === "application/problem+json";
    const isRight = damage === "nothing" ? isWhole : isProblem;
    check(
      `a run whose file has damage (${damage}) says so`,
      isRight ? [] : [`${status} ${answer.text.slice(0, 300)}`],
      `${status} ${json?.code ?? json?.status}`,
    );
  }
  const isSame = test.engine.workerdPid() === test.workerd;
  check("the engine lives on", isSame ? [] : ["workerd died of it"]);
  judgeRuns(check, { runs: test.deliveries.runs, load, outside: test.outside });
  return tally;
}

async function close({ failed }) {
  test.deliveries?.close();
  await test.engine?.stop();
  test.outside?.close();
  test.client?.close();
  test.isKept = options.keep || failed > 0;
  if (!test.isKept) rmSync(test.settings.home, { recursive: true, force: true, maxRetries: 5 });
}

function report({ passed, failed }) {
  if (test.isKept) console.log(`kept ${test.settings.home}`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed > 0 ? 1 : 0);
}

async function fail(reason) {
  console.error(reason);
  const tally = { passed: 0, failed: 1 };
  await close(tally).catch(() => {});
  report(tally);
}

main().catch((error) => fail(error.stack));
