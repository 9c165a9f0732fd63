/** The examples, each run by the whole engine: the three Workers, real queues, and an outside world on loopback. */
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { API_KEY, createEngineWith } from "../support/engine-harness.ts";
import { missingFor } from "../support/examples/availability.ts";
import type { Example, Run, Sent, Stage } from "../support/examples/example.ts";
import { LOOP_EXAMPLES } from "../support/examples/loops.ts";
import { POLICY_EXAMPLES } from "../support/examples/policies.ts";
import { RELATION_EXAMPLES } from "../support/examples/relations.ts";
import { WAITING_EXAMPLES } from "../support/examples/waiting.ts";
import { understand } from "../support/mermaid-reader.ts";
import { openWorld } from "../support/outside-world.ts";

const FOLDER = "examples/workflows";
const EXAMPLES: readonly Example[] = [...RELATION_EXAMPLES, ...POLICY_EXAMPLES, ...WAITING_EXAMPLES, ...LOOP_EXAMPLES];
/** It has a test of its own, in which weeks pass. */
const ELSEWHERE = ["agent"];
const WITHIN_MS = 20_000;

const world = await openWorld();
const { server, ingress, start } = createEngineWith(world.vars);

const textOf = (file: string): string => readFileSync(`${FOLDER}/${file}.yaml`, "utf8");
const inWorld = (text: string): string => text.replaceAll("$WORLD", world.url);

async function call(method: string, path: string, { body, type = "application/json", headers = {}, key }: Sent = {}) {
  const auth = key === false ? {} : { authorization: `Bearer ${API_KEY}` };
  const sent = { method, headers: { ...auth, "content-type": type, ...headers }, ...(body === undefined ? {} : { body }) };
  const response = await ingress.fetch(`http://arcrun${path}`, sent);
  return { status: response.status, text: await response.text(), headers: new Headers([...response.headers]) };
}

async function answer(callbackUrl: string | undefined, body: unknown): Promise<number> {
  return (await call("POST", new URL(callbackUrl ?? "").pathname, { body: JSON.stringify(body), key: false })).status;
}

/** The run, as soon as it is as it should be. */
function awaited(runId: string, isSo: (run: Run) => boolean): Promise<Run> {
  return vi.waitFor(
    async () => {
      const run: Run = JSON.parse((await call("GET", `/runs/${runId}`)).text);
      if (!isSo(run)) throw new Error(`the run is not there yet: ${JSON.stringify(run)}`);
      return run;
    },
    { timeout: WITHIN_MS, interval: 50 },
  );
}

async function trigger({ file, input, query = "" }: Example): Promise<string> {
  const { status, text } = await call("POST", inWorld(`/webhooks/named/${file}/trigger${query}`), { body: inWorld(JSON.stringify(input)) });
  expect([status, text]).toEqual([202, expect.stringContaining("run_id")]);
  return JSON.parse(text).run_id;
}

function statusesOf({ trace }: Run): Readonly<Record<string, string | readonly string[]>> {
  const byNode = new Map<string, string[]>();
  for (const { node, status } of trace) byNode.set(node, [...(byNode.get(node) ?? []), status]);
  return Object.fromEntries([...byNode].map(([node, statuses]) => [node, statuses.length === 1 ? (statuses[0] ?? "") : statuses]));
}

async function push(file: string): Promise<readonly string[]> {
  const { status, text } = await call("POST", "/webhooks/named", { body: textOf(file), type: "application/yaml" });
  expect([status === 200 || status === 201, text]).toEqual([true, expect.stringContaining(`"name":"${file}"`)]);
  return JSON.parse(text).warnings.map(({ code }: { code: string }) => code);
}

async function playOut(example: Example): Promise<void> {
  const outside = { world, answer, call };
  for (const file of example.also ?? []) await push(file);
  expect(await push(example.file)).toEqual(example.warnings ?? []);
  await example.before?.(outside);
  const runId = await (example.start?.(outside) ?? trigger(example));
  const stage: Stage = {
    ...outside,
    runId,
    waiting: (reason) => awaited(runId, (run) => run.waiting.some((wait) => wait.reason === reason)),
  };
  await example.play?.(stage);
  const run = await awaited(runId, ({ status }) => status !== "running" && status !== "waiting");
  expect(run).toMatchObject({
    status: example.status ?? "succeeded",
    error: example.error === undefined ? null : expect.objectContaining({ code: example.error }),
  });
  if (example.output !== undefined) expect(run.output).toEqual(example.output);
  if (example.steps !== undefined) expect(statusesOf(run)).toEqual(example.steps);
  await compareDrawing(runId, run, example.frames ?? []);
  await example.after?.(stage);
}

/** What the drawing says of a node is what the trace says of it. */
async function compareDrawing(runId: string, { trace }: Run, titles: readonly string[]): Promise<void> {
  const { nodes, edges, frames } = await understand((await call("GET", `/runs/${runId}/mermaid`)).text);
  const drawn = new Map(Object.values(nodes).map(({ label, styles }) => [label, styles]));
  const single = trace.filter(({ node }, _, all) => all.filter((step) => step.node === node).length === 1);
  expect(single.map(({ node }) => [node, drawn.get(node) ?? []])).toEqual(
    single.map(({ node, status }) => [node, drawn.has(node) ? [status] : []]), // in a loop its label has counts
  );
  // Into what was skipped nothing (or, for some joins, not all) leads; into what ran, something.
  const strokesInto = (id: string) => new Set(edges.filter(({ to }) => to === id).map(({ stroke }) => stroke));
  const wrong = Object.entries(nodes).filter(([id, { styles }]) => {
    const strokes = strokesInto(id);
    if (strokes.size === 0 || styles.length === 0) return false;
    return styles[0] === "skipped" ? !strokes.has("dotted") : !strokes.has("thick");
  });
  expect([wrong, frames.map(({ title }) => title)]).toEqual([[], titles]);
}

beforeAll(start, 60_000);
afterAll(async () => {
  await server.close();
  world.close();
});

describe("the examples", () => {
  it("are all in the table", () => {
    const files = readdirSync(FOLDER).map((name) => name.replace(/\.yaml$/, ""));
    expect(files.filter((file) => !ELSEWHERE.includes(file)).sort()).toEqual([...new Set(EXAMPLES.map(({ file }) => file))].sort());
  });

  for (const example of EXAMPLES) {
    const { file, when } = example;
    const missing = missingFor(textOf(file));
    const title = `${file}${when === undefined ? "" : `, when ${when}`}`;
    it.skipIf(missing !== undefined)(
      missing === undefined ? title : `${title} (there is no ${missing} yet)`,
      () => playOut(example),
      60_000,
    );
  }
});
