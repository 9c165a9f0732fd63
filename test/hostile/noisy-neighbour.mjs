/**
 * `node test/hostile/noisy-neighbour.mjs [seconds] [times]`: what a tenant that asks for `times` its start rate costs another one. Prints how long the runs of
 * the quiet tenant take (start to end, one step) before the flood and in it. The last line is `N passed, N failed`: everything is answered, what is
 * above the rate with 429, and every run of the quiet tenant succeeds. Times are printed, not judged.
 */
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, quantile } from "../../bench/client.mjs";
import { newEngineSettings, spawnEngine } from "../../bench/engine.mjs";

const SECONDS = Number(process.argv[2] ?? 20);
const TIMES = Number(process.argv[3] ?? 50);
/** In ten seconds, as `ARCRUN_START_RATE` counts. */
const STARTS = 100;
const WINDOW_SECONDS = 10;
const CALM_PAUSE_MS = 50;

const settings = await newEngineSettings("", { env: { ARCRUN_START_RATE: String(STARTS) } });
const engine = spawnEngine(settings);
const tally = { passed: 0, failed: 0 };
function check(title, isRight, note) {
  tally[isRight ? "passed" : "failed"] += 1;
  console.log(`${isRight ? "ok    " : "FAILED"} ${title} (${note})`);
}

/** The times in ms of runs that were started one after the other and waited for, and how many did not succeed. */
async function calmRuns(client, seconds) {
  const [times, wrong] = [[], []];
  for (const until = Date.now() + seconds * 1000; Date.now() < until; await sleep(CALM_PAUSE_MS + (1000 * WINDOW_SECONDS) / STARTS)) {
    const startedAt = performance.now();
    const { status, json, text } = await client.call("POST", "/webhooks/named/calm/trigger?wait=25", {});
    times.push(performance.now() - startedAt);
    if (json?.status !== "succeeded") wrong.push(`${status} ${text.slice(0, 200)}`);
  }
  return { times, wrong };
}

/** Asks evenly, whatever the answers. Resolves to the statuses with their counts, and how many of the refusals did not say when to come back. */
async function flood(client, seconds) {
  const statuses = new Map();
  /** @type {Promise<void>[]} */
  const asked = [];
  let mute = 0;
  const once = async () => {
    const { status, headers } = await client
      .call("POST", "/webhooks/named/flood/trigger", {})
      .catch(({ code }) => ({ status: code, headers: {} }));
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status === 429 && !(Number(headers["retry-after"]) > 0)) mute += 1;
  };
  const perSecond = (TIMES * STARTS) / WINDOW_SECONDS;
  const begin = Date.now();
  while (Date.now() < begin + seconds * 1000) {
    for (const due = ((Date.now() - begin) / 1000) * perSecond; asked.length < due;) asked.push(once());
    await sleep(10);
  }
  await Promise.all(asked);
  return { statuses: Object.fromEntries(statuses), asked: asked.length, mute };
}

const shown = ({ times }) => `${times.length} runs, p50 ${quantile(times, 0.5).toFixed(1)} ms, p95 ${quantile(times, 0.95).toFixed(1)} ms`;

try {
  const url = await engine.ready;
  const loud = createClient({ url, apiKey: settings.apiKey });
  const made = await loud.call("POST", "/keys", { name: "calm", tenant: "calm", scopes: ["read", "trigger", "deploy"] });
  const calm = createClient({ url, apiKey: made.json.key });
  const one = (name) => ({
    name,
    description: "one step",
    flow: ["input >> ON_SUCCESS >> a"],
    config: { a: { component: "set", values: { n: 1 } } },
  });
  await Promise.all([loud.push(one("flood")), calm.push(one("calm"))]);
  await calmRuns(calm, 2);
  await sleep(1000 * WINDOW_SECONDS);
  const alone = await calmRuns(calm, SECONDS);
  console.log(`alone: ${shown(alone)}`);
  const [beside, flooded] = await Promise.all([calmRuns(calm, SECONDS), flood(loud, SECONDS)]);
  console.log(
    `beside ${TIMES} times the start rate: ${shown(beside)}; p95 ${(quantile(beside.times, 0.95) / quantile(alone.times, 0.95)).toFixed(1)} times as long`,
  );
  const { statuses, asked, mute } = flooded;
  const most = STARTS + (STARTS * SECONDS) / WINDOW_SECONDS + 1;
  check(
    "every run of the quiet tenant succeeds",
    alone.wrong.length + beside.wrong.length === 0,
    [...alone.wrong, ...beside.wrong].slice(0, 3).join("; ") || "none failed",
  );
  check("each of the flood is started or refused", (statuses[202] ?? 0) + (statuses[429] ?? 0) === asked, JSON.stringify(statuses));
  check("no more are started than the rate allows", (statuses[202] ?? 0) <= most, `at most ${most}`);
  check("most are refused, and told when to come back", mute === 0 && (statuses[429] ?? 0) > asked / 2, `${mute} without Retry-After`);
  for (const client of [loud, calm]) client.close();
} finally {
  await engine.kill();
  rmSync(settings.home, { recursive: true, force: true });
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed > 0 ? 1 : 0;
