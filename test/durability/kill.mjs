/**
 * The proof of durability: under a mixed load the engine is killed at random moments, again and again, and started on the same data; or
 * its runtime alone dies or hangs; or all of it stands still for a while (`faults.mjs`). Afterwards every accepted run has ended well with the right output, and the outside world has seen every
 * effect under exactly one idempotency key. What a schedule starts every minute was started once a minute.
 *
 *   npm run prove:kill -- [--cycles 25] [--seed N] [--faults kill,workerd,freeze,hang] [--keep]
 *
 * The last line is `N passed, N failed`. `--keep` leaves the data directory and the logs, and says where.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { execFileSync } from "node:child_process";
import { createClient, quantile } from "../../bench/client.mjs";
import { newEngineSettings, spawnEngine } from "../../bench/engine.mjs";
import { chooseFault, FAULTS, freeze, loseWorkerd } from "./faults.mjs";
import { createDeliveries } from "./deliveries.mjs";
import { prepareHands } from "./load-hands.mjs";
import { createLoad } from "./load.mjs";
import { openOutside } from "./outside.mjs";
import { createRandom } from "./seeded-random.mjs";
import { judgeTicks, pushTicks } from "./ticks.mjs";
import { judge } from "./verdict.mjs";

const { values: options } = parseArgs({
  options: {
    cycles: { type: "string", default: "25" },
    seed: { type: "string" },
    faults: { type: "string", default: FAULTS.join() },
    keep: { type: "boolean", default: false },
  },
});
const CYCLES = Number(options.cycles);
const SEED = Number(options.seed ?? Math.floor(Math.random() * 2 ** 31));
const SECRET = `secret-${SEED}`;
const SAID_EVERY = CYCLES > 100 ? 20 : 5;
/** After a start. */
const AGAIN_WITHIN_MS = 1500;
const WORKS_AT_MOST_MS = 15_000;
const ENDS_WITHIN_MS = 90_000;
/** The whole test, whatever hangs. */
const TIME_LIMIT_MS = 150_000 + CYCLES * 30_000;

const ALLOWED = options.faults.split(",");

const random = createRandom(SEED);

async function main(test) {
  if (!Number.isInteger(CYCLES) || CYCLES < 1) throw new Error(`--cycles is ${options.cycles}; it must be a whole number from 1`);
  const strange = ALLOWED.find((fault) => !FAULTS.includes(fault));
  if (strange !== undefined) throw new Error(`--faults names ${strange}; there are ${FAULTS.join()}`);
  const startedAt = Date.now();
  test.settings = await newEngineSettings();
  const { home } = test.settings;
  setTimeout(() => void fail(test, `it took longer than ${TIME_LIMIT_MS / 1000} s`), TIME_LIMIT_MS).unref();
  test.outside = await openOutside({ logFile: join(home, "effects.log"), random, secret: SECRET });
  test.settings.egress = `127.0.0.1:${test.outside.port}`;
  test.load = createLoad(`http://${test.settings.egress}`);
  test.client = createClient({ url: `http://127.0.0.1:${test.settings.port}`, apiKey: test.settings.apiKey });
  test.deliveries = createDeliveries({ client: test.client, load: test.load, random, keyPrefix: `kill-${SEED}` });
  console.log(`${CYCLES} cycles, seed ${SEED}, commit ${commit()}, data in ${home}`);

  await start(test);
  await prepareHands({
    ...test.settings,
    client: test.client,
    url: await test.engine.ready,
    outside: test.settings.egress,
    secret: SECRET,
  });
  for (const { definition, starts = [] } of test.load) for (const one of [...starts, definition]) await test.client.push(one);
  const tickingSince = await pushTicks(test.client);
  test.deliveries.begin();
  test.disturbedSince = Date.now();
  for (let cycle = 1; cycle <= CYCLES; cycle++) await disturb(test, cycle);
  await test.deliveries.stop();
  await finish(test);
  test.ticks = await judgeTicks(test.client, tickingSince);
  const tally = judge({ ...test, runs: test.deliveries.runs }, CYCLES);
  console.log(`took ${((Date.now() - startedAt) / 1000).toFixed(0)} s`);
  await close(test, tally);
  report(test, tally);
}

/** Starts the engine and waits until it answers. */
async function start(test) {
  const startedAt = performance.now();
  test.engine = spawnEngine(test.settings);
  await test.engine.ready;
  test.restartsMs.push(performance.now() - startedAt);
}

/** One cycle: the engine works for a while, and something happens to it. */
async function disturb(test, cycle) {
  await letWork(test, cycle);
  const fault = chooseFault(cycle, random, ALLOWED);
  test.faults[fault] += 1;
  test.deliveries.pause();
  if (fault !== "freeze") test.kills.push(Date.now());
  if (fault === "kill") await killOnce(test);
  else if (fault === "freeze") await freeze(test.engine, test.client, random);
  else test.returnsMs.push(await loseWorkerd(test.engine, test.client, fault === "hang" ? "SIGSTOP" : "SIGKILL"));
  test.deliveries.goOn();
  if (cycle % SAID_EVERY === 0 || cycle === CYCLES) sayProgress(test, cycle);
}

function sayProgress(test, cycle) {
  const perCycleMs = (Date.now() - test.disturbedSince) / cycle;
  const left = Math.round(((CYCLES - cycle) * perCycleMs) / 60_000);
  const { length } = test.deliveries.accepted();
  console.log(
    `cycle ${cycle} of ${CYCLES}: ${length} runs accepted, ${test.outside.counts.requests} requests outside, ${(perCycleMs / 1000).toFixed(1)} s a cycle, ${left} min to go`,
  );
}

/** Every fourth time it is killed once more while it starts, or just after: it is at work on what the first kill has left. */
async function killOnce(test) {
  await test.engine.kill();
  await sleep(random() * 300); // daemons call, deliveries are tried, and nobody is there
  if (test.faults.kill % 4 === 0) {
    test.engine = spawnEngine(test.settings);
    await sleep(random() * AGAIN_WITHIN_MS);
    test.killedTwice += 1;
    test.kills.push(Date.now());
    await test.engine.kill();
  }
  await start(test);
}

/**
 * A random time; in two of three cycles it goes on until a random number of runs was accepted, so that a slow machine works, too. Every sixth
 * time is longer: so that what waits for seconds comes to its end between two faults now and then.
 */
async function letWork({ deliveries }, cycle) {
  const before = deliveries.accepted().length;
  const wanted = cycle % 3 === 0 ? 0 : 3 + Math.floor(random() * 8);
  await sleep(random() * (cycle % 6 === 0 ? 4000 : 1000));
  for (const deadline = Date.now() + WORKS_AT_MOST_MS; deliveries.accepted().length - before < wanted && Date.now() < deadline;)
    await sleep(10);
}

/** All that was accepted may end; then some deliveries are sent once more, and the last word of each run is read. */
async function finish(test) {
  const deadline = Date.now() + ENDS_WITHIN_MS;
  await test.deliveries.waitForAll(deadline);
  while (test.outside.isCalling() && Date.now() < deadline) await sleep(100);
  await sleep(500); // the second callbacks
  sayTimes("restart", test.restartsMs);
  sayTimes("workerd back after a death or a hang", test.returnsMs);
  console.log(`faults: ${JSON.stringify(test.faults)}, of them killed again while it started: ${test.killedTwice}`);
}

function sayTimes(what, times) {
  if (times.length > 0) console.log(`${what}: median ${quantile(times, 0.5).toFixed(0)} ms, longest ${quantile(times, 1).toFixed(0)} ms`);
}

/** Of a failure everything is kept. */
async function close(test, { failed }) {
  test.deliveries?.close();
  await test.engine?.kill();
  test.outside?.close();
  test.client?.close();
  test.isKept = options.keep || failed > 0;
  if (!test.isKept && test.settings) rmSync(test.settings.home, { recursive: true, force: true, maxRetries: 5 });
}

function report(test, tally) {
  if (test.isKept && test.settings) console.log(`kept ${test.settings.home}: data, effects.log, engine.log`);
  if (tally.failed > 0)
    console.log(`again: npm run prove:kill -- --cycles ${CYCLES} --seed ${SEED} --faults ${ALLOWED.join()} (commit ${commit()})`);
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  process.exit(tally.failed > 0 ? 1 : 0);
}

async function fail(test, reason) {
  console.error(reason);
  const tally = { passed: 0, failed: 1 };
  await close(test, tally).catch(() => {});
  report(test, tally);
}

function commit() {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], { cwd: import.meta.dirname, encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return "unknown"; // a copy without its history
  }
}

const test = {
  ticks: { due: 0, problems: [] },
  kills: [],
  killedTwice: 0,
  restartsMs: [],
  returnsMs: [],
  faults: Object.fromEntries(FAULTS.map((fault) => [fault, 0])),
};
main(test).catch((error) => fail(test, error.stack));
