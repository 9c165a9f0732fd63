/**
 * A queue that feeds itself for a long time: chains of a hundred steps, one after the other on several tracks, while the memory of workerd is watched.
 *
 *   npm run soak -- [--steps 100000] [--tracks 20]
 *
 * Passes when every result is right, no five seconds go by without a step, and memory is flat: its median in the last third of the time is at most a tenth
 * and 32 MiB over the median of the second third. The first third is for caches to fill. The last line is `N passed, N failed`.
 */
import { readFileSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createClient, quantile, range } from "./client.mjs";
import { newEngineSettings, spawnEngine } from "./engine.mjs";

const HOPS = 100;
const LOOK_EVERY_MS = 1000;
const STALLED_MS = 5000;
const ALLOWANCE = { share: 1.1, mib: 32 };
const STEPS_A_SECOND_AT_LEAST = 50;
const WIDTH = 60;

const { values: options } = parseArgs({
  options: { steps: { type: "string", default: "100000" }, tracks: { type: "string", default: "20" } },
});
const [runs, tracks] = [Math.ceil(Number(options.steps) / HOPS), Number(options.tracks)];
const tally = { passed: 0, failed: 0 };

function check(isOk, what) {
  tally[isOk ? "passed" : "failed"] += 1;
  console.log(`${isOk ? "ok    " : "not ok"} ${what}`);
}

async function main() {
  const settings = await newEngineSettings();
  const engine = spawnEngine(settings);
  try {
    const client = createClient({ url: await engine.ready, apiKey: settings.apiKey });
    await client.push(chain());
    const watched = watch(client, engine.workerdPid());
    const late = sleep((runs * HOPS * 1000) / STEPS_A_SECOND_AT_LEAST, "late", { ref: false });
    const wrong = await Promise.race([playAll(client), late]);
    const { samples, longestPauseMs } = await watched.stop();
    client.close();
    report(samples);
    check(
      wrong === 0,
      `${runs} runs of ${HOPS} steps have the right result (${wrong === "late" ? "they take too long" : `${wrong} have not`})`,
    );
    check(longestPauseMs < STALLED_MS, `the queue never stalls (longest time without a step: ${longestPauseMs} ms)`);
    const third = Math.floor(samples.length / 3);
    const [second, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)].map((part) => quantile(part, 0.5));
    check(last <= second * ALLOWANCE.share + ALLOWANCE.mib, `memory is flat (${second} MiB, then ${last} MiB)`);
  } finally {
    await engine.stop();
    rmSync(settings.home, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function playAll(client) {
  let [next, wrong] = [0, 0];
  const track = async () => {
    for (let n = next++; n < runs; n = next++) {
      const run = await client.waitRun(await client.trigger("soak", { n }));
      if (run.status !== "succeeded" || run.output?.n !== n) wrong += 1;
    }
  };
  await Promise.all(range(tracks).map(track));
  return wrong;
}

/** Looks once a second, and says every ten how far it is. */
function watch(client, pid) {
  const seen = { samples: [], steps: 0, changedAt: performance.now(), longestPauseMs: 0, isOver: false };
  const looking = (async () => {
    for (let look = 1; !seen.isOver; look += 1) {
      await sleep(LOOK_EVERY_MS);
      const steps = (await client.metrics()).get("arcrun_steps_total") ?? 0;
      const now = performance.now();
      const memory = rssMib(pid);
      seen.samples.push(memory);
      // Counts are written every five seconds: a pause is what is longer than that.
      seen.longestPauseMs = Math.max(seen.longestPauseMs, Math.round(now - seen.changedAt - STALLED_MS));
      if (steps !== seen.steps) Object.assign(seen, { steps, changedAt: now });
      if (look % 10 === 0) console.log(`${steps} of ${runs * HOPS} steps, ${memory} MiB`);
    }
  })();
  return {
    async stop() {
      seen.isOver = true;
      await looking;
      return seen;
    },
  };
}

const rssMib = (pid) => Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024);

/** The memory over time, as a line of bars. */
function report(samples) {
  const most = Math.max(...samples);
  const bars = range(Math.min(WIDTH, samples.length)).map((column) => {
    const value = samples[Math.floor((column * samples.length) / Math.min(WIDTH, samples.length))];
    return "▁▂▃▄▅▆▇█"[Math.min(7, Math.floor((8 * value) / (most + 1)))];
  });
  console.log(`memory of workerd, ${Math.min(...samples)} to ${most} MiB in ${samples.length} s: ${bars.join("")}`);
}

function chain() {
  const names = range(HOPS).map((i) => `s${i}`);
  const from = (i) => (i === 0 ? "{{input.n}}" : `{{s${i - 1}.data.n}}`);
  return {
    name: "soak",
    description: "a long chain that hands a number on",
    flow: names.map((name, i) => `${names[i - 1] ?? "input"} >> ON_SUCCESS >> ${name}`),
    config: Object.fromEntries(names.map((name, i) => [name, { component: "set", values: { n: from(i) } }])),
  };
}

await main();
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed > 0 ? 1 : 0);
