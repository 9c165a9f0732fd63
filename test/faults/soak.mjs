/**
 * The soak: random workflows on an engine with faults. The judge is outside of it: what must come of each graph is known before
 * (`random-workflow.ts`), and an effect is a line of the outside world's own log (`../durability/outside.mjs`).
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { createClient, inParallel, range } from "../../bench/client.mjs";
import { newEngineSettings, spawnEngine } from "../../bench/engine.mjs";
import { loadTs } from "../../scripts/load-ts.mjs";
import { openOutside } from "../durability/outside.mjs";
import { readFaults } from "./read-faults.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const AT_ONCE = 32;
const ENDS_WITHIN_MS = 90_000;
const LONG_ENDS_WITHIN_MS = 400_000;
const TRIES = 20;

/** Run 1 goes through a list of so many `items`, if there are any. Resolves to `{ problems, faults, repeated, seconds, slowest }`; `repeated`: how often an effect was asked for again that was there already. */
export async function soak({ runs, seed, plan, items = 0, keep = false }) {
  const { randomWorkflow, longLoop } = await loadTs("test/faults/random-workflow.ts");
  const settings = await newEngineSettings("", { root: HERE, env: { FAULTS: JSON.stringify({ seed, ...plan }) } });
  const outside = await openOutside({ logFile: join(settings.home, "effects.log"), random: Math.random });
  settings.egress = `127.0.0.1:${outside.port}`;
  const engine = spawnEngine(settings);
  const client = createClient({ url: `http://127.0.0.1:${settings.port}`, apiKey: settings.apiKey });
  try {
    await engine.ready;
    const startedAt = Date.now();
    const workOf = (n) => (n === 1 && items > 0 ? longLoop(n, items) : randomWorkflow(n, seed, `http://${settings.egress}`));
    const played = await inParallel(range(runs), AT_ONCE, (n) => play(client, n, workOf(n)));
    await quiet(outside);
    const problems = [...played.flatMap((run) => problemsOf(run)), ...effectProblems(played, outside.effects())];
    const seconds = (Date.now() - startedAt) / 1000;
    const faults = readFaults(join(settings.home, "engine.log"));
    return { problems, faults, repeated: outside.counts.repeated, seconds, slowest: slowest(played) };
  } finally {
    client.close();
    await engine.stop();
    outside.close();
    if (keep) console.log(`kept ${settings.home}`);
    else rmSync(settings.home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Pushed, started (with one key, until it is accepted) and looked at until it has ended. */
async function play(client, n, work) {
  await client.push(work.definition);
  const startedAt = Date.now();
  const { id, refusal, waitedMs } = await start(client, n, work.definition.name);
  if (id === undefined) return { n, work, refusal, waitedMs };
  const run = await client
    .waitRun(id, work.output === undefined ? ENDS_WITHIN_MS : LONG_ENDS_WITHIN_MS)
    .catch((error) => ({ late: error.message }));
  return { n, work, id, run, waitedMs, ms: Date.now() - startedAt };
}

async function start(client, n, name) {
  const waitedMs = [];
  for (let tries = 0, refusal; ; tries += 1) {
    const at = Date.now();
    const { status, text, json } = await client.call("POST", `/webhooks/named/${name}/trigger`, { n }, { "idempotency-key": `soak-${n}` });
    waitedMs.push(Date.now() - at);
    if (status === 202) return { id: json.run_id, waitedMs };
    refusal = `${status} ${text.slice(0, 300)}`;
    if (tries === TRIES || status < 500) return { refusal, waitedMs };
    await sleep(50);
  }
}

/** The daemon may still be answering runs that ended without it. */
async function quiet(outside) {
  for (const deadline = Date.now() + 10_000; outside.isCalling() && Date.now() < deadline;) await sleep(100);
}

function problemsOf({ n, work, id, run, refusal }) {
  if (refusal !== undefined) return [`run ${n} was not accepted: ${refusal}`];
  if (run.late !== undefined) return [`run ${n} (${id}) has not ended: ${run.late}`];
  if (work.output !== undefined) {
    const isRight = run.status === work.status && isDeepStrictEqual(run.output, work.output);
    return isRight ? [] : [`run ${n} (${id}) is ${run.status} and gave ${JSON.stringify(run.output)?.slice(0, 300)}`];
  }
  const steps = run.trace.filter(({ node }) => node !== "input");
  const found = {};
  for (const { node, status } of steps) found[node] = [...(found[node] ?? []), status];
  const wrong = Object.entries(work.data).filter(([node, data]) => !isDeepStrictEqual(dataOf(steps, node), data));
  const name = `run ${n} (${id})`;
  return [
    ...(run.status === work.status
      ? []
      : [`${name} is ${run.status} ${JSON.stringify(run.error)}, not ${work.status}: ${JSON.stringify(found)}`]),
    ...(isDeepStrictEqual(sorted(found), sorted(work.nodes))
      ? []
      : [`${name} has ${JSON.stringify(found)}, not ${JSON.stringify(work.nodes)}`]),
    ...wrong.map(([node, data]) => `${name}: ${node} gave ${JSON.stringify(dataOf(steps, node))}, not ${JSON.stringify(data)}`),
  ];
}

const dataOf = (steps, name) => steps.find(({ node }) => node === name)?.output?.data;
const sorted = (map) => Object.fromEntries(Object.entries(map).sort(([one], [other]) => (one < other ? -1 : 1)));

/** Each effect is there under one key, and there is no other. */
function effectProblems(played, effects) {
  const keys = new Map();
  for (const { key, run, step } of effects) keys.set(`${run} ${step}`, (keys.get(`${run} ${step}`) ?? new Set()).add(key));
  const wanted = new Set(played.flatMap(({ n, work }) => work.effects.map((step) => `${n} ${step}`)));
  return [
    ...[...wanted].filter((effect) => !keys.has(effect)).map((effect) => `no effect of ${effect}`),
    ...[...keys].filter(([effect]) => !wanted.has(effect)).map(([effect]) => `an effect of ${effect}, which must not run`),
    ...[...keys].filter(([, found]) => found.size > 1).map(([effect, found]) => `${found.size} keys of ${effect}`),
  ];
}

const slowest = (played) => ({
  runMs: Math.max(0, ...played.map(({ ms = 0 }) => ms)),
  startMs: Math.max(0, ...played.flatMap(({ waitedMs }) => waitedMs)),
});
