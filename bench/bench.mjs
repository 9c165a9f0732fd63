/**
 * `npm run bench`: what the engine costs over the floor, both measured in this run, one after the other, on this machine.
 *
 * The floor (`bench/floor/`) is queue messages and a counter, without an engine. Both start in workerd in the same way. A latency is
 * from the start of a run to its end as the Workers' own clock tells it, so HTTP is not in it; a throughput is from the first start to the last end.
 */
import { rmSync } from "node:fs";
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, inParallel, quantile, range, request } from "./client.mjs";
import { newEngineSettings, spawnEngine } from "./engine.mjs";
import { startFloor } from "./floor/run-floor.mjs";

const HOPS = 10;
const LATENCY_RUNS = 60;
/** The same number of steps twice: in many short runs, where starting a run tells, and in few long ones, where steps do. */
const BURSTS = { short: { runs: 500, hops: HOPS }, long: { runs: 50, hops: 100 } };
const FAN = 100;
const FAN_RUNS = 12;
/** One run that goes through a long list. */
const LOOP = { items: 5000, parallel: 100 };
const WARM_UP = 20;
const TIME_LIMIT_MS = 170_000;

const cleanups = [];

async function main() {
  setTimeout(() => void end(1, `the bench took longer than ${TIME_LIMIT_MS / 1000} s`), TIME_LIMIT_MS).unref();
  console.log(`Node ${process.version}, ${cpus().length} CPUs (${cpus()[0]?.model.trim()})`);
  const floor = await measureFloor();
  const engine = await measureEngine();
  print(floor, engine);
  await end(0);
}

async function measureFloor() {
  const floor = await startFloor();
  cleanups.push(floor.stop);
  const race = async (path) => {
    const { status, text, json } = await request(`${floor.url}${path}`, { method: "POST" });
    if (status !== 200) throw new Error(`the floor answered ${status}: ${text.slice(0, 300)}`);
    return json.ms;
  };
  const inTurn = (count, path) => inParallel(range(count), 1, () => race(path));
  await inTurn(WARM_UP, `/chains?count=1&hops=${HOPS}`);
  const chain = await inTurn(LATENCY_RUNS, `/chains?count=1&hops=${HOPS}`);
  const fan = await inTurn(FAN_RUNS, `/fan?width=${FAN}`);
  const rate = async ({ runs, hops }) => stepRate(runs * hops, quantile(await inTurn(3, `/chains?count=${runs}&hops=${hops}`), 0.5));
  const [short, long] = [await rate(BURSTS.short), await rate(BURSTS.long)];
  await stopLast();
  return { chain, fan, short, long };
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
  const id = await client.trigger(name, { n: 1 });
  await sleep(20);
  return succeeded(await client.waitRun(id));
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

function print(floor, engine) {
  const ms = (value) => `${value.toFixed(0)} ms`;
  const latency = (title, kind, share) => {
    const [one, other] = [quantile(floor[kind], share), quantile(engine[kind], share)];
    return [title, ms(one), ms(other), `${(other / one).toFixed(2)} × the floor`];
  };
  const rate = (value) => `${value.toFixed(0)}/s`;
  const throughput = (kind) => {
    const { runs, hops } = BURSTS[kind];
    return [
      `steps, ${runs} runs of ${hops}`,
      rate(floor[kind]),
      rate(engine[kind]),
      `${(engine[kind] / floor[kind]).toFixed(3)} of the floor`,
    ];
  };
  const rows = [
    ["", "floor", "engine", "ratio"],
    latency(`chain of ${HOPS}, p50`, "chain", 0.5),
    latency(`chain of ${HOPS}, p99`, "chain", 0.99),
    latency(`1 → ${FAN} → join, p50`, "fan", 0.5),
    latency(`1 → ${FAN} → join, worst`, "fan", 1),
    throughput("short"),
    throughput("long"),
    [
      `items of one loop, ${LOOP.parallel} of ${LOOP.items} at once`,
      rate(floor.long),
      rate(engine.loop),
      `${(engine.loop / floor.long).toFixed(3)} of the floor's long runs`,
    ],
    ["runs accepted over HTTP meanwhile", "", rate(engine.accepted), ""],
    ["rows of a pure step", "0", engine.rows.toFixed(1), "counted in the log"],
    ["RPCs of a step", "0", engine.perStep.rpcs.toFixed(2), "counted over all runs (2 when nothing shares a batch)"],
    ["messages of a step", "1", engine.perStep.messages.toFixed(2), "counted over all runs"],
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows)
    console.log(row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join("   "));
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
