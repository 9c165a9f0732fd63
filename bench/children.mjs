/**
 * What it costs that a run waits for another: a chain of children, each of which waits for the next, and one node that waits for many.
 *
 *   node bench/children.mjs
 *
 * Times are from the start of the root to its end, as the Workers' own clock tells it.
 */
import { rmSync } from "node:fs";
import { createClient, inParallel, quantile, range } from "./client.mjs";
import { newEngineSettings, spawnEngine } from "./engine.mjs";

const DEPTH = 16;
const CHAINS = 3;
const MANY = 200;
const TIME_LIMIT_MS = 300_000;

const workflow = (name, flow, config) => ({ name, description: "for the bench", flow, config });
const callNext = { component: "trigger_workflow", workflow_name: "doll", wait: "finished", input: { n: "{{input.n + 1}}" } };
const WORKFLOWS = [
  workflow("doll", [`input >> WHEN(input.n < ${DEPTH}) >> next`, `input >> WHEN(input.n >= ${DEPTH}) >> last`], {
    next: callNext,
    last: { component: "set", values: { n: "{{input.n}}" } },
  }),
  workflow("nap", ["input >> ON_SUCCESS >> rest"], { rest: { component: "wait", ms: 2000 } }),
  workflow("gather", ["input >> ON_SUCCESS >> all"], { all: { component: "wait_for_workflows", run_ids: "{{input.ids}}" } }),
];

async function main() {
  setTimeout(() => process.exit(1), TIME_LIMIT_MS).unref();
  const settings = await newEngineSettings();
  const engine = spawnEngine(settings);
  const client = createClient({ url: await engine.ready, apiKey: settings.apiKey });
  for (const definition of WORKFLOWS) await client.push(definition);
  const timed = async (name, input) => {
    const run = await client.waitRun(await client.trigger(name, input), TIME_LIMIT_MS);
    if (run.status !== "succeeded") throw new Error(`${name}: ${JSON.stringify(run.error)}`);
    return run.duration_ms;
  };
  await timed("doll", { n: DEPTH - 1 });
  const chains = await inParallel(range(CHAINS), 1, () => timed("doll", { n: 0 }));
  console.log(`${DEPTH} children deep: ${chains.join(", ")} ms, ${(quantile(chains, 0.5) / DEPTH).toFixed(0)} ms a level`);
  const ids = await inParallel(range(MANY), 16, () => client.trigger("nap", {}));
  const since = Date.now();
  const gathered = await timed("gather", { ids });
  const naps = await inParallel(ids, 16, (id) => client.run(id));
  const lastEnd = Math.max(...naps.map(({ ended_at: at }) => Date.parse(at)));
  console.log(`${MANY} runs waited for: ${gathered} ms, ${since + gathered - lastEnd} ms after the last of them`);
  await engine.stop();
  client.close();
  rmSync(settings.home, { recursive: true, force: true, maxRetries: 5 });
}

await main();
