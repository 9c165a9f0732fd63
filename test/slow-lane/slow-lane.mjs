/**
 * Slow calls do not hold up anybody: while twenty steps wait for slow answers, all at once, the pure steps of other runs go on as ever.
 *
 *   node test/slow-lane/slow-lane.mjs [--slow SECONDS, default 12; 30 is the full test]
 *
 * The last line is `N passed, N failed`.
 */
import { rmSync } from "node:fs";
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createClient, inParallel, quantile, range } from "../../bench/client.mjs";
import { newEngineSettings, spawnEngine } from "../../bench/engine.mjs";

const { values: options } = parseArgs({ options: { slow: { type: "string", default: "12" } } });
const SLOW_MS = Number(options.slow) * 1000;
const SLOW_STEPS = 20;
const PURE_RUNS = 20;
const PURE_STEPS = 10;
const PURE_WITHIN_MS = 1000;
const TIME_LIMIT_MS = 180_000 + 2 * SLOW_MS;

const test = { passed: 0, failed: 0 };

async function main() {
  if (!(SLOW_MS >= 3000))
    throw new Error(`--slow is ${options.slow}; it must be at least 3 seconds, or the pure steps do not fit beside it`);
  setTimeout(() => void fail(`it took longer than ${TIME_LIMIT_MS / 1000} s`), TIME_LIMIT_MS).unref();
  test.server = await openSlowServer();
  test.settings = await newEngineSettings(`127.0.0.1:${test.server.port}`);
  test.engine = spawnEngine(test.settings);
  test.client = createClient({ url: await test.engine.ready, apiKey: test.settings.apiKey });
  const { client, server } = test;
  await client.push(slowWorkflow(server.port));
  await client.push(pureWorkflow());
  await client.waitRun(await client.trigger("pure_beside_slow", { n: -1 })); // the first run compiles its parts

  const slowRuns = await inParallel(range(SLOW_STEPS), SLOW_STEPS, () => client.trigger("slow_call", {}));
  for (const deadline = Date.now() + SLOW_MS; server.inFlight < SLOW_STEPS && Date.now() < deadline;) await sleep(20);
  const pureRuns = await inParallel(range(PURE_RUNS), PURE_RUNS, (n) => client.trigger("pure_beside_slow", { n }));
  const pure = await inParallel(pureRuns, 5, (id) => client.waitRun(id));
  const inFlightAfterwards = server.inFlight;
  const steps = await inParallel(pureRuns, 5, (id) => client.steps(id));
  const slow = await inParallel(slowRuns, 5, (id) => client.waitRun(id, SLOW_MS + 60_000));
  judge({ pure, slow, latencies: pure.flatMap((run, i) => stepLatencies(run, steps[i])), inFlightAfterwards });
  await close();
}

function judge({ pure, slow, latencies, inFlightAfterwards }) {
  const { server } = test;
  const seconds = SLOW_MS / 1000;
  const [p50, p95, most] = [0.5, 0.95, 1].map((share) => quantile(latencies, share));
  const wholeMs =
    Math.max(...slow.map(({ ended_at }) => Date.parse(ended_at))) - Math.min(...slow.map(({ started_at }) => Date.parse(started_at)));
  check(`${SLOW_STEPS} steps of ${seconds} s are in flight at once`, server.most === SLOW_STEPS, `at most ${server.most}`);
  check(
    "each is asked once and succeeds",
    server.calls === SLOW_STEPS && slow.every(({ status }) => status === "succeeded"),
    `${server.calls} calls`,
  );
  check("together they take hardly longer than one", wholeMs < SLOW_MS * 1.5 + 2000, `${(wholeMs / 1000).toFixed(1)} s`);
  check(
    `${PURE_RUNS * PURE_STEPS} pure steps end beside them`,
    pure.every(isRight) && latencies.length === PURE_RUNS * PURE_STEPS,
    `${latencies.length} steps`,
  );
  check(
    "the slow steps are still in flight when the pure ones have ended",
    inFlightAfterwards === SLOW_STEPS,
    `${inFlightAfterwards} in flight`,
  );
  check(`a pure step ends within ${PURE_WITHIN_MS} ms (p95)`, p95 < PURE_WITHIN_MS, `p50 ${p50} ms, p95 ${p95} ms, longest ${most} ms`);
}

function check(title, isTrue, note) {
  test[isTrue ? "passed" : "failed"]++;
  console.log(`${isTrue ? "ok    " : "FAILED"} ${title} (${note})`);
}

const isRight = ({ status, output, input }) => status === "succeeded" && output?.n === input.n;

/** From the end of a step's predecessor (or the run's start) to its own end, ms. The virtual start and end are no steps. */
function stepLatencies(run, steps) {
  const ended = new Map(steps.map((step) => [step.node, Date.parse(step.ended_at)]));
  return range(PURE_STEPS).map((i) => ended.get(`s${i}`) - (ended.get(`s${i - 1}`) ?? Date.parse(run.started_at)));
}

function pureWorkflow() {
  const names = range(PURE_STEPS).map((i) => `s${i}`);
  return {
    name: "pure_beside_slow",
    description: "a chain of pure steps",
    flow: names.map((name, i) => `${names[i - 1] ?? "input"} >> ON_SUCCESS >> ${name}`),
    config: Object.fromEntries(
      names.map((name, i) => [name, { component: "set", values: { n: i === 0 ? "{{input.n}}" : `{{s${i - 1}.data.n}}` } }]),
    ),
  };
}

function slowWorkflow(port) {
  const call = { component: "http_request", url: `http://127.0.0.1:${port}/` };
  const policy = { call: { timeout: `${SLOW_MS / 1000 + 30}s`, retry: { attempts: 1 } } };
  return { name: "slow_call", description: "one slow call", flow: ["input >> ON_SUCCESS >> call"], config: { call }, policy };
}

/** Answers every request after SLOW_MS; `inFlight` now, `most` ever, `calls` in all. */
async function openSlowServer() {
  const state = { inFlight: 0, most: 0, calls: 0 };
  const server = http.createServer((incoming, response) => {
    incoming.resume();
    state.calls++;
    state.most = Math.max(state.most, ++state.inFlight);
    const timer = setTimeout(() => response.end("at last"), SLOW_MS);
    response.once("close", () => {
      clearTimeout(timer);
      state.inFlight--;
    });
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return Object.assign(state, { port: server.address().port, close });
}

async function close() {
  await test.engine?.kill();
  test.client?.close();
  test.server?.close();
  if (test.settings) rmSync(test.settings.home, { recursive: true, force: true, maxRetries: 5 });
  console.log(`${test.passed} passed, ${test.failed} failed`);
  process.exit(test.failed > 0 ? 1 : 0);
}

async function fail(reason) {
  console.error(reason);
  test.failed++;
  await close();
}

main().catch((error) => fail(error.stack));
