/** Loops in real run objects that are evicted again and again, behind a queue that doubles and drops. */
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { MAX_INLINE_BYTES } from "../../shared/model/limits.ts";
import { StepHint } from "../../shared/message.ts";
import { planRun } from "../../shared/start-run.ts";
import { outputJson } from "../../shared/run-json.ts";
import { consume } from "../../workers/runner/consume.ts";
import { stepsLane } from "../../workers/runner/io-lane.ts";
import { createPrng } from "../simulation/prng.ts";
import { createTestRunner, deliver } from "../support/workerd-runner.ts";
import { ids, logOf, objectOf, planFor, runIdOf, started, startOf, stopClock, TENANT } from "../support/workerd-runs.ts";
import { drainQueues } from "../support/workerd-tap.ts";

const STEPS = "arcrun-steps";
const MAX_ROUNDS = 400;
const { deps } = createTestRunner();
const random = createPrng(20_261_124);

afterEach(() => void vi.useRealTimers());

const LOOP = ["input >> ON_SUCCESS >> list", "list >> FOREACH item PARALLEL(40) >> work", "work >> GATHER >> report"];
const REPORT = { component: "set", values: { results: "{{work.results.map(r, r.data.at)}}", failed: "{{work.failed}}" } };
const loopOf = (work: unknown, report: unknown = REPORT) =>
  planFor({ flow: LOOP, config: { list: { component: "set", values: { items: "{{input.items}}" } }, work, report } });

type Faults = { readonly doubled: number; readonly dropped: number; readonly evicted: number };
const NONE: Faults = { doubled: 0, dropped: 0, evicted: 0 };

/** Hands over what arrives until nothing does; what was dropped comes again by the alarm of the run object. */
async function drive(name: string, faults: Faults = NONE): Promise<number> {
  const { stub, run } = objectOf(name);
  const passTime = stopClock();
  let most = 0;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const status = await run.wait(0);
    if (status !== "running") return most;
    const arrived = (await drainQueues()).filter(({ queue, body }) => queue === STEPS && StepHint.parse(body).run === runIdOf(name));
    const kept = arrived
      .filter(() => !random.chance(faults.dropped))
      .flatMap(({ body }) => (random.chance(faults.doubled) ? [body, body] : [body]));
    if (random.chance(faults.evicted)) await evictDurableObject(stub);
    for (let from = 0; from < kept.length; from += 100)
      await deliver(STEPS, kept.slice(from, from + 100), (batch) => consume(batch, stepsLane, deps));
    most = Math.max(most, kept.length);
    if (arrived.length === 0) passTime(60_000);
    if (arrived.length === 0 || arrived.length > kept.length) await runDurableObjectAlarm(stub);
  }
  throw new Error("the run does not come to an end");
}

async function begin(name: string, plan: ReturnType<typeof planFor>, input: unknown) {
  const json = JSON.stringify(input);
  const planned = await planRun(deps, { tenant: TENANT, runId: runIdOf(name), plan, input, startedAt: Date.now() });
  const stored = await deps.payloads.put(TENANT, runIdOf(name), json);
  const { run, stub } = await started(name, plan, { ...planned, input: stored });
  await deps.hints.send((await run.start(startOf(name, plan, { ...planned, input: stored }))).hints);
  await runDurableObjectAlarm(stub);
  return { run, stub };
}

async function resultOf(name: string) {
  const view = await objectOf(name).run.view({ offset: 0, limit: 1000 });
  if (view === null) throw new Error("no such run");
  return {
    status: view.summary.status,
    error: view.error?.code,
    output: await outputJson({ ...deps, ids, publicUrl: "" }, view),
    steps: view.steps,
  };
}

const shuffled = <T>(items: readonly T[]): readonly T[] =>
  items
    .map((item) => [random.next(), item] as const)
    .sort(([one], [other]) => one - other)
    .map(([, item]) => item);

describe("a loop", () => {
  it("gives six hundred results in order, whatever is doubled, dropped and evicted", { timeout: 60_000 }, async () => {
    const items = Array.from({ length: 600 }, (_, index) => ({ at: index, text: "x".repeat(index % 7 === 0 ? 2000 : 10) }));
    const { stub } = await begin("many", loopOf({ component: "set", values: { at: "{{item.at}}", of: "{{loop.count}}" } }), { items });
    await drive("many", { doubled: 0.2, dropped: 0.05, evicted: 0.2 });
    const { status, output } = await resultOf("many");
    expect([status, output]).toEqual(["succeeded", { results: items.map(({ at }) => at), failed: 0 }]);
    const log = await logOf(stub);
    expect(new Set(log.flatMap(({ event }) => (event.type === "step.succeeded" ? [event.step] : []))).size).toBe(602);
  });

  it("waits for a hundred items at once, and takes their answers in any order", async () => {
    const flow = ["input >> FOREACH item PARALLEL(100) >> work", "work >> GATHER >> report"];
    const report = { component: "set", values: { results: "{{work.results.map(r, r.data)}}" } };
    const plan = planFor({ flow, config: { work: { component: "wait_for_callback", note: "{{item}}" }, report } });
    const items = Array.from({ length: 100 }, (_, index) => `item ${index}`);
    const { run, stub } = await begin("asked", plan, items);
    await drive("asked", { ...NONE, evicted: 0.5 });
    const waiting = (await run.view({ offset: 0, limit: 0 }))?.waiting ?? [];
    expect(new Set(waiting.map(({ note }) => note))).toEqual(new Set(items));
    for (const { ref, note } of shuffled(waiting)) {
      if (ref === null) throw new Error("a wait that nobody can answer");
      if (random.chance(0.05)) await evictDurableObject(stub);
      const reply = await run.answer(
        { ref },
        { success: true, data: { json: JSON.stringify(`${note} done`) }, digest: `${note}` },
        `${note} done`,
      );
      if (reply.kind === "accepted") await deps.hints.send(reply.hints);
    }
    await drive("asked");
    expect((await resultOf("asked")).output).toEqual({ results: items.map((item) => `${item} done`) });
  });

  it("counts the items that failed over all pages of the answers, and keeps their places", async () => {
    const items = Array.from({ length: 600 }, (_, index) => index % 5); // each fifth divides by nothing
    const values = { results: "{{work.results.map(r, r.success)}}", failed: "{{work.failed}}" };
    await begin("pages", loopOf({ component: "number_ops", op: "divide", a: 10, b: "{{item}}" }, { component: "set", values }), { items });
    await drive("pages");
    expect((await resultOf("pages")).output).toEqual({ results: items.map((item) => item !== 0), failed: 120 });
  });

  it("has no more items in flight than it may", async () => {
    const { run } = await begin("window", loopOf({ component: "set", values: { at: "{{loop.index}}" } }), { items: Array(100).fill(0) });
    expect(await drive("window")).toBeLessThanOrEqual(40);
    expect((await run.view({ offset: 0, limit: 0 }))?.summary.status).toBe("succeeded");
  });

  it("hands large items over by reference, and gives each to its own step", async () => {
    const items = ["a", "b", "c"].map((name) => ({ name, text: name.repeat(2 * MAX_INLINE_BYTES) }));
    const work = { component: "set", values: { at: "{{item.name}}", size: "{{size(item.text)}}" } };
    await begin("large", loopOf(work), { items });
    await drive("large");
    const { output, steps } = await resultOf("large");
    expect(output).toEqual({ results: ["a", "b", "c"], failed: 0 });
    expect(
      steps
        .filter(({ node }) => node === "work")
        .map(({ key }) => key)
        .sort(),
    ).toEqual(["work[0]", "work[1]", "work[2]"]);
  });

  it("whose gathered answers are more than ten megabytes fails the node that reads them", async () => {
    const work = { component: "string_ops", op: "repeat", text: "{{item}}", times: 1_000_000 };
    await begin("too much", loopOf(work), { items: Array.from({ length: 12 }, (_, index) => `${index}`.slice(-1)) });
    await drive("too much");
    expect(await resultOf("too much")).toMatchObject({ status: "failed", error: "foreach.results_too_large" });
  });

  it("over no list fails its node, and over the input of the run it may go, too", async () => {
    await begin("no list", loopOf({ component: "set", values: {} }), { items: "three" });
    await drive("no list");
    expect(await resultOf("no list")).toMatchObject({ status: "failed", error: "foreach.not_a_list" });
    const plan = planFor({
      flow: ["input >> FOREACH item >> work", "work >> GATHER >> report"],
      config: { work: { component: "set", values: { at: "{{item}}" } }, report: REPORT },
    });
    await begin("of the input", plan, { items: [7, 8, 9] });
    await drive("of the input");
    expect((await resultOf("of the input")).output).toEqual({ results: [7, 8, 9], failed: 0 });
  });

  it("without a GATHER gives the answers of its items as the output", async () => {
    const plan = planFor({ flow: ["input >> FOREACH item >> work"], config: { work: { component: "set", values: { at: "{{item}}" } } } });
    await begin("bare", plan, { items: [3, 1, 2] });
    await drive("bare");
    expect((await resultOf("bare")).output).toEqual([{ at: 3 }, { at: 1 }, { at: 2 }]);
  });
});

describe("a redrive", () => {
  it("of one item runs that item and what gathers it", async () => {
    const { run, stub } = await begin("one item", loopOf({ component: "set", values: { at: "{{item}}" } }), { items: [1, 2, 3] });
    await drive("one item");
    expect(await run.redrive({ steps: ["work[1]"], dryRun: true })).toEqual({ kind: "planned", steps: ["work[1]", "report"], kept: 3 });
    const reply = await run.redrive({ steps: ["work[1]"] });
    if (reply.kind === "redriven") await deps.hints.send(reply.hints);
    await drive("one item");
    const ends = (await logOf(stub)).flatMap(({ event }) => (event.type === "step.succeeded" ? [event.step] : []));
    expect(ends).toEqual(["list", "work[0]", "work[1]", "work[2]", "report", "work[1]", "report"]);
  });

  it("on another version runs what is new or changed for all items, and keeps the rest", async () => {
    const { run, stub } = await begin("version", loopOf({ component: "set", values: { at: "{{item}}" } }), { items: [1, 2] });
    await drive("version");
    const plan = planFor({
      flow: [...LOOP, "work >> ON_SUCCESS >> beside"],
      config: {
        list: { component: "set", values: { items: "{{input.items}}" } },
        work: { component: "set", values: { at: "{{item}}" } },
        beside: { component: "set", values: { double: "{{item * 2}}" } },
        report: { component: "set", values: { sum: "{{work.results.map(r, r.data.at * 10)}}" } },
      },
    });
    const newPlan = await planRun(deps, {
      tenant: TENANT,
      runId: runIdOf("version"),
      plan,
      input: { items: [1, 2] },
      startedAt: Date.now(),
    });
    const reply = await run.redrive({ newPlan });
    if (reply.kind === "redriven") await deps.hints.send(reply.hints);
    await evictDurableObject(stub);
    await drive("version");
    const { output, status } = await resultOf("version");
    expect([status, output]).toEqual(["succeeded", { sum: [10, 20] }]);
    const ends = (await logOf(stub)).flatMap(({ event }) => (event.type === "step.succeeded" ? [event.step] : []));
    expect(ends.slice(4).sort()).toEqual(["beside[0]", "beside[1]", "report"]);
  });
});
