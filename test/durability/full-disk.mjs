/**
 * The proof that a full disk loses nothing: the data directory lies on a small disk of its own. While runs are open and more are started, the
 * disk is filled until nothing can be stored, twice; the second time the runtime is killed in the middle of it. Meanwhile whoever wants something is told to come again
 * (503 with Retry-After), and never that something was taken which was not. When there is room again, all that was ever accepted ends as it
 * must, soon, and nothing was done twice or half.
 *
 *   npm run prove:disk -- [--seed N] [--full-seconds 5] [--keep]
 *
 * The last line is `N passed, N failed`. It takes the right to mount a tmpfs, or to make a user namespace; without both it is skipped.
 */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createClient } from "../../bench/client.mjs";
import { newEngineSettings, spawnEngine } from "../../bench/engine.mjs";
import { createDeliveries, isLater, lastWord } from "./deliveries.mjs";
import { prepareHands } from "./load-hands.mjs";
import { createLoad } from "./load.mjs";
import { openOutside } from "./outside.mjs";
import { createRandom } from "./seeded-random.mjs";
import { mountSmallDisk, openBallast, runInNamespace, unmount } from "./small-disk.mjs";
import { judgeRuns, openVerdict } from "./verdict.mjs";

const { values: options } = parseArgs({
  options: { seed: { type: "string" }, "full-seconds": { type: "string", default: "5" }, keep: { type: "boolean", default: false } },
});
const SEED = Number(options.seed ?? Math.floor(Math.random() * 2 ** 31));
const FULL_MS = Number(options["full-seconds"]) * 1000;
const DISK_MB = 48;
const OPEN_MS = 3000;
const ASK_EVERY_MS = 150;
/** With time for a start of the runtime on a busy machine; a lease that nobody settles is a minute, and so is an alarm that is put off. */
const ENDS_WITHIN_MS = 30_000;
const TIME_LIMIT_MS = 90_000 + 2 * FULL_MS;
const SECRET = `secret-${SEED}`;
const IS_FULL = /the disk under .* is full/;
const GIVEN_UP = /died \d+ times/;

const random = createRandom(SEED);
const test = {};

async function main() {
  test.settings = await newEngineSettings();
  const { home, port, apiKey } = test.settings;
  test.dataDir = join(home, "data");
  if (!mountSmallDisk(test.dataDir, DISK_MB)) return skipOrMoveOver(home);
  setTimeout(() => void fail(`it took longer than ${TIME_LIMIT_MS / 1000} s`), TIME_LIMIT_MS).unref();
  console.log(`a disk of ${DISK_MB} MB, full for ${FULL_MS / 1000} s, seed ${SEED}`);
  test.outside = await openOutside({ logFile: join(home, "effects.log"), random, secret: SECRET });
  test.settings.egress = `127.0.0.1:${test.outside.port}`;
  test.client = createClient({ url: `http://127.0.0.1:${port}`, apiKey });
  const load = createLoad(`http://${test.settings.egress}`);
  test.engine = spawnEngine(test.settings);
  const url = await test.engine.ready;
  await prepareHands({ client: test.client, url, apiKey, outside: test.settings.egress, secret: SECRET });
  for (const { definition, starts = [] } of load) for (const one of [...starts, definition]) await test.client.push(one);
  test.deliveries = createDeliveries({ client: test.client, load, random, keyPrefix: `disk-${SEED}` });
  test.deliveries.begin();
  const fills = [];
  for (const isKilled of [false, true]) fills.push(await fillOnce(load, isKilled));
  await test.deliveries.stop();
  const deadline = Date.now() + ENDS_WITHIN_MS;
  await test.deliveries.waitForAll(deadline);
  while (test.outside.isCalling() && Date.now() < deadline) await sleep(100);
  await sleep(500); // the second callbacks
  const tally = judge(load, fills);
  await close(tally);
  report(tally);
}

/** The engine works, cannot store anything for a while, and works again. */
async function fillOnce(load, isKilled) {
  await sleep(OPEN_MS);
  const open = test.deliveries.accepted();
  const since = Date.now();
  const full = await whileFull(load, isKilled);
  const freedAt = Date.now();
  const ends = await Promise.all(open.map(({ id }) => lastWord(test.client, id, freedAt + ENDS_WITHIN_MS)));
  const late = open.flatMap(({ n, work, id }, i) => (ends[i]?.ended_at ? [] : `run ${n} (${work.name}, ${id}) is ${ends[i]?.status}`));
  const wasOpen = ends.filter((run) => run !== undefined && !(Date.parse(run.ended_at) <= since));
  return { ...full, isKilled, late, open: wasOpen.length, drainedMs: Date.now() - freedAt };
}

/** Fills the disk and keeps it full; gives what was answered meanwhile. */
async function whileFull(load, isKilled) {
  const ballast = openBallast(test.dataDir);
  const putOffBefore = test.deliveries.putOff();
  const before = test.engine.workerdPid();
  const full = { answers: new Map(), strange: [] };
  let killAt = isKilled ? Date.now() + FULL_MS / 3 : Infinity;
  for (const until = Date.now() + FULL_MS; Date.now() < until; await sleep(10)) {
    ballast.fill();
    if (random() < 10 / ASK_EVERY_MS) await ask(full, load);
    if (Date.now() < killAt) continue;
    killAt = Infinity;
    process.kill(before, "SIGKILL");
  }
  const isSame = test.engine.workerdPid() === before;
  ballast.free();
  return { ...full, isSame, putOff: test.deliveries.putOff() - putOffBefore };
}

/** Each answer is good, or says that it is to be tried again. */
async function ask(full, load) {
  const accepted = test.deliveries.accepted();
  const { id } = accepted[Math.floor(random() * accepted.length)];
  const questions = [
    ["GET", "/health"],
    ["GET", "/metrics"],
    ["GET", "/runs"],
    ["GET", `/runs/${id}`],
    ["POST", "/webhooks/named", load[Math.floor(random() * load.length)].definition],
    ["PUT", "/credentials/OTHER", { value: "x", hosts: [] }],
  ];
  const [method, path, body] = questions[Math.floor(random() * questions.length)];
  const answer = await test.client.call(method, path, body).catch(() => undefined);
  const name = `${method} ${path.replace(id, ":id")} ${answer?.status ?? "nothing"}`;
  full.answers.set(name, (full.answers.get(name) ?? 0) + 1);
  if (answer !== undefined && answer.status > 299 && !isLater(answer)) full.strange.push(`${name}: ${answer.text.slice(0, 300)}`);
}

function judge(load, fills) {
  const { tally, check } = openVerdict();
  for (const full of fills) {
    console.log(
      `full${full.isKilled ? ", workerd killed" : ""}: ${[...full.answers].map(([what, times]) => `${times} x ${what}`).join(", ")}`,
    );
    check(
      "nothing could be stored: deliveries were put off",
      full.putOff < 10 ? [`only ${full.putOff} answers with 503`] : [],
      `${full.putOff} times`,
    );
    check("runs were open meanwhile", full.open < 5 ? [`only ${full.open}`] : [], `${full.open}`);
    check("every other question is answered, or put off", full.strange);
    check("they end soon after there is room again", full.late, `${full.drainedMs} ms`);
    if (!full.isKilled) check("the runtime lives through it", full.isSame ? [] : ["another workerd came while the disk was full"]);
  }
  const log = readFileSync(join(test.settings.home, "engine.log"), "utf8");
  const waited = IS_FULL.test(log) ? [] : ["the log does not say that the disk is full"];
  check("one that is killed meanwhile is not given up", GIVEN_UP.test(log) ? ["the supervisor has given up"] : waited);
  judgeRuns(check, { runs: test.deliveries.runs, load, outside: test.outside });
  return tally;
}

/** Who is no root may mount in a namespace of his own. */
function skipOrMoveOver(home) {
  rmSync(home, { recursive: true, force: true });
  const code = runInNamespace(import.meta.url);
  if (code !== undefined) process.exit(code);
  console.log("skipped: this machine lets nobody mount a tmpfs\n0 passed, 0 failed, 1 skipped");
  process.exit(0);
}

/** Of a failure everything is kept: what lay on the small disk as well. */
async function close({ failed }) {
  test.deliveries?.close();
  await test.engine?.stop();
  test.outside?.close();
  test.client?.close();
  test.isKept = options.keep || failed > 0;
  if (test.isKept) return;
  unmount(test.dataDir);
  rmSync(test.settings.home, { recursive: true, force: true, maxRetries: 5 });
}

function report({ passed, failed }) {
  if (test.isKept) console.log(`kept ${test.settings.home}; afterwards: umount ${test.dataDir}`);
  if (failed > 0) console.log(`again: npm run prove:disk -- --seed ${SEED}`);
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
