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
import { createClient, inParallel, quantile, range } from "../../bench/client.mjs";
import { newEngineSettings, spawnEngine } from "../../bench/engine.mjs";
import { chooseFault, FAULTS, freeze, loseWorkerd } from "./faults.mjs";
import { createLoad } from "./load.mjs";
import { openOutside } from "./outside.mjs";
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
const START_RUN_EVERY_MS = 110;
const SOURCES = 4;
const WORKS_AT_MOST_MS = 15_000;
const ENDS_WITHIN_MS = 90_000;
/** The whole test, whatever hangs. */
const TIME_LIMIT_MS = 150_000 + CYCLES * 30_000;

const ALLOWED = options.faults.split(",");

const random = mulberry32(SEED);

async function main(test) {
  if (!Number.isInteger(CYCLES) || CYCLES < 1) throw new Error(`--cycles is ${options.cycles}; it must be a whole number from 1`);
  const strange = ALLOWED.find((fault) => !FAULTS.includes(fault));
  if (strange !== undefined) throw new Error(`--faults names ${strange}; there are ${FAULTS.join()}`);
  const startedAt = Date.now();
  test.settings = await newEngineSettings();
  const { home } = test.settings;
  setTimeout(() => void fail(test, `it took longer than ${TIME_LIMIT_MS / 1000} s`), TIME_LIMIT_MS).unref();
  test.outside = await openOutside({ logFile: join(home, "effects.log"), random });
  test.settings.egress = `127.0.0.1:${test.outside.port}`;
  test.load = createLoad(`http://${test.settings.egress}`);
  test.client = createClient({ url: `http://127.0.0.1:${test.settings.port}`, apiKey: test.settings.apiKey });
  console.log(`${CYCLES} cycles, seed ${SEED}, data in ${home}`);

  await start(test);
  for (const { definition, starts = [] } of test.load) for (const one of [...starts, definition]) await test.client.push(one);
  const tickingSince = await pushTicks(test.client);
  const starters = range(SOURCES).map((source) => startRuns(test, source));
  for (let cycle = 1; cycle <= CYCLES; cycle++) await disturb(test, cycle);
  test.isOver = true;
  await Promise.all(starters);
  await finish(test);
  test.ticks = await judgeTicks(test.client, tickingSince);
  const tally = judge(test, CYCLES);
  console.log(`took ${((Date.now() - startedAt) / 1000).toFixed(0)} s`);
  await close(test);
  report(test, tally);
}

/** Starts the engine and waits until it answers. */
async function start(test) {
  const startedAt = performance.now();
  test.engine = spawnEngine(test.settings);
  await test.engine.ready;
  test.restartsMs.push(performance.now() - startedAt);
  test.mayStart = true;
}

/** One cycle: the engine works for a while, and something happens to it. */
async function disturb(test, cycle) {
  await letWork(test, cycle);
  const fault = chooseFault(cycle, random, ALLOWED);
  test.faults[fault] += 1;
  test.mayStart = false;
  if (fault !== "freeze") test.kills.push(Date.now());
  if (fault === "kill") await killOnce(test);
  else if (fault === "freeze") await freeze(test.engine, test.client, random);
  else test.returnsMs.push(await loseWorkerd(test.engine, test.client, fault === "hang" ? "SIGSTOP" : "SIGKILL"));
  test.mayStart = true;
  if (cycle % 5 === 0 || cycle === CYCLES)
    console.log(`cycle ${cycle}: ${countAccepted(test)} runs accepted, ${test.outside.counts.requests} requests outside`);
}

/** Every fourth time it is killed once more while it starts. */
async function killOnce(test) {
  await test.engine.kill();
  await sleep(random() * 800); // daemons call, deliveries are tried, and nobody is there
  if (test.faults.kill % 4 === 0) {
    test.engine = spawnEngine(test.settings);
    await Promise.race([test.engine.ready.catch(() => {}), sleep(100 + random() * 2500)]);
    test.kills.push(Date.now());
    await test.engine.kill();
  }
  await start(test);
}

/** A random time; in two of three cycles it goes on until a random number of runs was accepted, so that a slow machine works, too. */
async function letWork(test, cycle) {
  const before = countAccepted(test);
  const wanted = cycle % 3 === 0 ? 0 : 5 + Math.floor(random() * 15);
  await sleep(random() * (cycle % 6 === 0 ? 5000 : 2000));
  for (const deadline = Date.now() + WORKS_AT_MOST_MS; countAccepted(test) - before < wanted && Date.now() < deadline;) await sleep(10);
}

const countAccepted = ({ runs }) => runs.filter(({ id }) => id !== undefined).length;

/** A source of deliveries: each is sent until it is accepted, with one key, so a delivery that was cut off must not become two runs. */
async function startRuns(test, source) {
  for (let n = source; !test.isOver; n += SOURCES) {
    const work = test.load[n % test.load.length];
    const run = { n, work, id: undefined, ids: new Set(), tries: 0 };
    test.runs.push(run);
    await deliver(test, run);
    await sleep(START_RUN_EVERY_MS * SOURCES * 2 * random());
  }
}

async function deliver(test, run) {
  const input = { n: run.n, nap_ms: 200 + (run.n % 7) * 500 };
  while (run.id === undefined) {
    while (!test.mayStart) await sleep(20);
    run.tries++;
    const answer = await trigger(test, run, input);
    if (answer?.status === 202) {
      run.id = answer.json.run_id;
      run.ids.add(run.id);
    } else if (answer !== undefined && answer.status !== 503) {
      run.refusal = `${answer.status} ${answer.text.slice(0, 300)}`;
      return;
    } else await sleep(50);
  }
}

const trigger = (test, { n, work }, input) =>
  test.client
    .call("POST", `/webhooks/named/${work.name}/trigger`, input, { "idempotency-key": `kill-${SEED}-${n}` })
    .catch(() => undefined);

/** All that was accepted may end; then some deliveries are sent once more, and the last word of each run is read. */
async function finish(test) {
  const deadline = Date.now() + ENDS_WITHIN_MS;
  await inParallel(
    test.runs.filter(({ id }) => id !== undefined),
    8,
    async (run) => {
      run.last = await test.client.waitRun(run.id, Math.max(0, deadline - Date.now()));
      if (run.n % 5 === 0) {
        const again = await trigger(test, run, { n: run.n, nap_ms: 200 + (run.n % 7) * 500 });
        run.ids.add(again?.json?.run_id);
      }
    },
  );
  while (test.outside.isCalling() && Date.now() < deadline) await sleep(100);
  await sleep(500); // the second callbacks
  sayTimes("restart", test.restartsMs);
  sayTimes("workerd back after a death or a hang", test.returnsMs);
  console.log(`faults: ${JSON.stringify(test.faults)}`);
}

function sayTimes(what, times) {
  if (times.length > 0) console.log(`${what}: median ${quantile(times, 0.5).toFixed(0)} ms, longest ${quantile(times, 1).toFixed(0)} ms`);
}

async function close(test) {
  test.isOver = true;
  await test.engine?.kill();
  test.outside?.close();
  test.client?.close();
  if (!options.keep && test.settings) rmSync(test.settings.home, { recursive: true, force: true, maxRetries: 5 });
}

function report(test, tally) {
  if (options.keep && test.settings) console.log(`kept ${test.settings.home}`);
  if (tally.failed > 0) console.log(`again: npm run prove:kill -- --cycles ${CYCLES} --seed ${SEED} --keep`);
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  process.exit(tally.failed > 0 ? 1 : 0);
}

async function fail(test, reason) {
  console.error(reason);
  await close(test).catch(() => {});
  report(test, { passed: 0, failed: 1 });
}

/** A small generator with a seed, so that a failure's schedule can be tried again (though not the machine's timing). */
function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const test = {
  ticks: { due: 0, problems: [] },
  runs: [],
  kills: [],
  restartsMs: [],
  returnsMs: [],
  faults: Object.fromEntries(FAULTS.map((fault) => [fault, 0])),
  isOver: false,
  mayStart: false,
};
main(test).catch((error) => fail(test, error.stack));
