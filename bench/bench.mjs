/**
 * `npm run bench`: the same work on the floor, on Cloudflare Workflows and on the engine, measured in turn in this run, on this machine.
 *
 *   npm run bench -- [--rounds 2] [--json FILE]
 *
 * The floor (`bench/floor/`) is queue messages and a counter, without an engine; Workflows (`bench/workflows/`) is what the platform offers
 * itself. All three start in workerd in the same way, with their state on disk. A latency is from the start of a run to its end as the Workers' own
 * clock tells it, so HTTP is not in it, or, where the table says so, from the request that starts it; a throughput is from the first start to the last end.
 */
import { rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createClient, inParallel, range, request } from "./client.mjs";
import { newEngineSettings, spawnEngine } from "./engine.mjs";
import { startBare } from "./run-bare.mjs";
import { table } from "./table.mjs";

const HOPS = 10;
const LATENCY_RUNS = 60;
/** The same number of steps twice: in many short runs, where starting a run tells, and in few long ones, where steps do. */
const BURSTS = { short: { runs: 500, hops: HOPS }, long: { runs: 50, hops: 100 } };
const FAN = 100;
const FAN_RUNS = 12;
/** One run that goes through a long list. */
const LOOP = { items: 5000, parallel: 100 };
const WARM_UP = 20;
const TIME_LIMIT_MS = 600_000;
const PATIENT_MS = 150_000;

const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "2" }, json: { type: "string" } } });

const cleanups = [];

async function main() {
  setTimeout(() => void end(1, `the bench took longer than ${TIME_LIMIT_MS / 1000} s`), TIME_LIMIT_MS).unref();
  console.log(`Node ${process.version}, ${cpus().length} CPUs (${cpus()[0]?.model.trim()})`);
  const rounds = [];
  for (let round = 1; round <= Number(options.rounds); round += 1) {
    const say = (what) => console.log(`round ${round} of ${options.rounds}: ${what}`);
    say("the floor");
    const floor = await measureBare("floor");
    say("Cloudflare Workflows");
    const workflows = await measureBare("workflows");
    say("the engine");
    rounds.push({ floor, workflows, engine: await measureEngine() });
  }
  const measured = mergeRounds(rounds);
  console.log(table(measured, { HOPS, FAN, BURSTS, LOOP }));
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(measured, null, 2));
  await end(0);
}

/** The samples of latencies together; of rates and counts the best round: what disturbs a machine makes it slower only. */
function mergeRounds(rounds) {
  const merged = (values) => {
    const [first] = values;
    if (Array.isArray(first)) return values.flat();
    if (typeof first === "number") return Math.max(...values);
    return Object.fromEntries(Object.keys(first).map((key) => [key, merged(values.map((value) => value[key]))]));
  };
  return merged(rounds);
}

/** Latencies of Workflows are what its instances measured themselves: creating them is not in it. */
async function measureBare(name) {
  const bare = await startBare(name);
  cleanups.push(bare.stop);
  const race = async (path) => {
    const { status, text, json } = await request(`${bare.url}${path}`, { method: "POST", withinMs: PATIENT_MS });
    if (status !== 200) throw new Error(`${name} answered ${status}: ${text.slice(0, 300)}`);
    return json;
  };
  const whole = async (path) => {
    const askedAt = Date.now();
    return (await race(path)).endedAt - askedAt;
  };
  const span = ({ ms, spans: [first] = [] }) => first ?? ms;
  const inTurn = (count, path) => inParallel(range(count), 1, () => race(path));
  await inTurn(WARM_UP, `/chains?count=1&hops=${HOPS}`);
  const chain = (await inTurn(LATENCY_RUNS, `/chains?count=1&hops=${HOPS}`)).map(span);
  const asked = await inParallel(range(LATENCY_RUNS), 1, () => whole(`/chains?count=1&hops=${HOPS}`));
  const fan = (await inTurn(FAN_RUNS, `/fan?width=${FAN}`)).map(span);
  const rate = async ({ runs, hops }) => stepRate(runs * hops, (await race(`/chains?count=${runs}&hops=${hops}`)).ms);
  const [short, long] = [await rate(BURSTS.short), await rate(BURSTS.long)];
  await stopLast();
  return { chain, asked, fan, short, long };
}

const stepRate = (steps, ms) => (steps * 1000) / ms;

async function measureEngine() {
  const settings = await newEngineSettings();
  const engine = spawnEngine(settings);
  cleanups.push(async () => {
    await engine.stop();
    rmSync(settings.home, { recursive: true, force: true, maxRetries: 5 });
  });
  const client = createClient({ url: await engine.ready, apiKey: settings.apiKey });
  const chains = [chainWorkflow("bench_chain", HOPS), chainWorkflow("bench_long", BURSTS.long.hops)];
  for (const workflow of [...chains, fanWorkflow(), loopWorkflow()]) await client.push(workflow);
  const inTurn = (count, name) => inParallel(range(count), 1, () => play(client, name));
  await inTurn(WARM_UP, "bench_chain");
  const runs = await inTurn(LATENCY_RUNS, "bench_chain");
  const fans = (await inTurn(FAN_RUNS + 2, "bench_fan")).slice(2);
  const rows = await rowsPerStep(client, runs[0].run_id);
  const short = await burst(client, "bench_chain", BURSTS.short);
  const long = await burst(client, "bench_long", BURSTS.long);
  const perStep = countedPerStep(await client.metrics());
  const loop = succeeded(await client.waitRun(await client.trigger("bench_loop", {})));
  client.close();
  await stopLast();
  return {
    perStep,
    chain: runs.map(durationOf),
    asked: runs.map(({ askedAt, ended_at }) => Date.parse(ended_at) - askedAt),
    fan: fans.map(durationOf),
    short: short.steps,
    long: long.steps,
    accepted: short.accepted,
    loop: stepRate(LOOP.items, durationOf(loop)),
    rows,
  };
}

/** The engine is let alone while it works: nobody looks at the run before it should be over. */
async function play(client, name) {
  const askedAt = Date.now();
  const id = await client.trigger(name, { n: 1 });
  await sleep(20);
  return { ...succeeded(await client.waitRun(id)), askedAt };
}

function succeeded(run) {
  if (run.status !== "succeeded") throw new Error(`run ${run.run_id} is ${run.status}: ${JSON.stringify(run.error)}`);
  return run;
}

/** Per second: steps, from the first start to the last end, and accepted triggers. */
async function burst(client, name, { runs: count, hops }) {
  const sentAt = performance.now();
  const ids = await inParallel(range(count), 32, (n) => client.trigger(name, { n }));
  const acceptedMs = performance.now() - sentAt;
  for (const id of ids.slice(-20)) await client.waitRun(id); // the last ones first: whoever looks takes time from who works
  const runs = await inParallel(ids, 8, async (id) => succeeded(await client.waitRun(id)));
  const startedAt = Math.min(...runs.map(({ started_at }) => Date.parse(started_at)));
  const endedAt = Math.max(...runs.map(({ ended_at }) => Date.parse(ended_at)));
  return { steps: stepRate(count * hops, endedAt - startedAt), accepted: stepRate(count, acceptedMs) };
}

/** Counted in the log of a run: its rows but for those of the run itself. */
async function rowsPerStep(client, id) {
  const events = await client.events(id);
  if (!events.includes("run.ended")) throw new Error(`the log of ${id} has no end: ${events.join(", ")}`);
  return events.filter((kind) => !kind.startsWith("run.")).length / HOPS;
}

/** Calls of run objects, and messages: those that the runner sent, and the one that each start sends. */
function countedPerStep(metrics) {
  const steps = metrics.get("arcrun_steps_total");
  const starts = 2 + WARM_UP + LATENCY_RUNS + FAN_RUNS + BURSTS.short.runs + BURSTS.long.runs;
  return { rpcs: metrics.get("arcrun_run_object_calls_total") / steps, messages: (metrics.get("arcrun_hints_total") + starts) / steps };
}

const durationOf = ({ started_at, ended_at }) => Date.parse(ended_at) - Date.parse(started_at);

function chainWorkflow(workflow, hops) {
  const names = range(hops).map((i) => `s${i}`);
  const config = names.map((name, i) => [
    name,
    { component: "set", values: { n: i === 0 ? "{{input.n}}" : `{{${names[i - 1]}.data.n}}` } },
  ]);
  const flow = names.map((name, i) => `${names[i - 1] ?? "input"} >> ON_SUCCESS >> ${name}`);
  return { name: workflow, description: "a chain of pure steps", flow, config: Object.fromEntries(config) };
}

function fanWorkflow() {
  const names = range(FAN).map((i) => `s${i}`);
  const set = { component: "set", values: { n: "{{input.n}}" } };
  const flow = names.flatMap((name) => [`first >> ON_SUCCESS >> ${name}`, `${name} >> ON_SUCCESS >> last`]);
  return {
    name: "bench_fan",
    description: "one step, a hundred, one",
    flow: ["input >> ON_SUCCESS >> first", ...flow],
    config: Object.fromEntries(["first", ...names, "last"].map((name) => [name, set])),
  };
}

function loopWorkflow() {
  return {
    name: "bench_loop",
    description: "a long list, and what came of it",
    flow: [
      "input >> ON_SUCCESS >> list",
      `list >> FOREACH item IN {{list.data.result}} PARALLEL(${LOOP.parallel}) >> work`,
      "work >> GATHER >> report",
    ],
    config: {
      list: { component: "array_ops", op: "range", start: 0, end: LOOP.items },
      work: { component: "set", values: { n: "{{item}}" } },
      report: { component: "number_ops", op: "sum", items: "{{work.results.map(r, r.data.n)}}" },
    },
  };
}

async function stopLast() {
  await cleanups.pop()?.();
}

async function end(code, reason) {
  if (reason) console.error(reason);
  while (cleanups.length > 0) await stopLast().catch((error) => console.error(error.message));
  process.exit(code);
}

main().catch((error) => end(1, error.stack));
