/**
 * The long proof, for a night: a million random schedules of faults, and every small graph with a crash at every await.
 *
 *   npm run prove -- [--schedules 1000000] [--seed N] [--threads N] [--fillings 48] [--fillings-of-5 4]
 *   npm run prove -- --bugs          the planted bugs, and how many schedules each took to be found
 *
 * A seed that fails is printed with the commit and kept in `regressions.json`, which `npm test` replays. The last line is `N passed, N failed`.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { loadTs } from "../../scripts/load-ts.mjs";

const REGRESSIONS = new URL("regressions.json", import.meta.url);
const PROGRESS_EVERY_MS = 5000;
/** After so many seeds that fail it is one mistake that is found over and over. */
const MAX_FAILURES = 5;
const MOST_SCHEDULES_A_BUG = 20_000;

const { values: options } = parseArgs({
  options: {
    schedules: { type: "string", default: process.env.SCHEDULES ?? "1000000" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 1_000_000_000)) },
    fillings: { type: "string", default: "48" },
    "fillings-of-5": { type: "string", default: "4" },
    threads: { type: "string", default: String(availableParallelism()) },
    bugs: { type: "boolean", default: false },
  },
});

function count(name) {
  const value = Number(options[name]);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} is ${options[name]}; it must be a whole number from 0`);
  return value;
}

const { exhaust, huntBug, MUTATIONS } = await loadTs("test/simulation/prove.ts");
const tally = { passed: 0, failed: 0 };

/** Says now and then how far it has come. */
function createProgress(what) {
  const startedAt = performance.now();
  let saidAt = startedAt;
  return (done, more, isEnd = false) => {
    const now = performance.now();
    if (!isEnd && now - saidAt < PROGRESS_EVERY_MS) return;
    saidAt = now;
    console.log(`${what}: ${done}${more}, ${Math.round((done * 1000) / Math.max(1, now - startedAt))} a second`);
  };
}

/** On several threads; each goes through every n-th seed. */
async function proveRandom(schedules, first, threads) {
  const say = createProgress("random schedules");
  const failures = new Set();
  let done = 0;
  const workers = Array.from({ length: threads }, (_, index) => {
    const workerData = { first: first + index, end: first + schedules, stride: threads };
    return new Worker(new URL("prove-worker.mjs", import.meta.url), { workerData });
  });
  const hear = (message) => {
    if (message.seed !== undefined && failures.size < MAX_FAILURES) failures.add(keep(message.seed, message.failure));
    done += message.done ?? 0;
    say(done, ` of ${schedules} from seed ${first}`);
    if (failures.size >= MAX_FAILURES) for (const worker of workers) void worker.terminate();
  };
  const ended = workers.map(
    (worker) => new Promise((resolve, reject) => worker.on("message", hear).once("error", reject).once("exit", resolve)),
  );
  await Promise.all(ended);
  if (failures.size === 0 && done !== schedules) throw new Error(`only ${done} of ${schedules} schedules were run`);
  say(done, ` of ${schedules} from seed ${first}, ${failures.size} failed`, true);
  tally.passed += Math.max(0, done - failures.size);
  tally.failed += failures.size;
}

function keep(seed, failure) {
  const found = commit();
  console.error(`seed ${seed} fails at commit ${found}: ${failure}`);
  console.error(`again: SEED=${seed} SCHEDULES=1 npx vitest run test/simulation/random.test.ts`);
  const known = JSON.parse(readFileSync(REGRESSIONS, "utf8"));
  if (known.some((one) => one.seed === seed)) return seed;
  const lines = [...known, { seed, found }].map((one) => `  { "seed": ${one.seed}, "found": ${JSON.stringify(one.found)} }`);
  writeFileSync(REGRESSIONS, `[\n${lines.join(",\n")}\n]\n`);
  return seed;
}

function commit() {
  try {
    const git = (...args) => execFileSync("git", args, { encoding: "utf8", cwd: new URL(".", import.meta.url) }).trim();
    return git("rev-parse", "--short=12", "HEAD") + (git("status", "--porcelain") === "" ? "" : " with changes");
  } catch {
    return "unknown";
  }
}

function proveExhaustive(fillings, smallest, largest) {
  const what = `graphs of ${smallest} to ${largest} nodes`;
  const say = createProgress(`schedules of ${what}`);
  let total = { schedules: 0, crashPoints: 0, shapes: 0 };
  const more = () => ` in ${total.shapes} graphs, ${fillings} fillings each, ${total.crashPoints} places to crash`;
  try {
    for (total of exhaust(fillings, smallest, largest)) say(total.schedules, more());
  } catch (failure) {
    console.error(`at commit ${commit()}: ${failure.stack}`);
    tally.failed += 1;
  }
  say(total.schedules, more(), true);
  tally.passed += total.schedules;
}

async function hunt() {
  console.log("schedules  planted bug");
  for (const mutation of MUTATIONS) {
    const { schedules, found } = await huntBug(mutation, MOST_SCHEDULES_A_BUG);
    tally[found === undefined ? "failed" : "passed"] += 1;
    console.log(`${String(found === undefined ? "not found" : schedules).padStart(9)}  ${mutation.bug}`);
  }
}

if (options.bugs) await hunt();
else {
  await proveRandom(count("schedules"), count("seed"), Math.max(1, count("threads")));
  if (count("fillings") > 0) proveExhaustive(count("fillings"), 1, 4);
  if (count("fillings-of-5") > 0) proveExhaustive(count("fillings-of-5"), 5, 5);
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed > 0 || tally.passed === 0 ? 1 : 0;
