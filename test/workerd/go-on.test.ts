import { expect, it } from "vitest";
import { PART_MANIFESTS } from "../../generated/part-manifests.ts";
import { MAX_FUEL_PER_INVOCATION } from "../../shared/model/limits.ts";
import type { Runs } from "../../shared/ports.ts";
import { consume } from "../../workers/runner/consume.ts";
import type { RunnerDeps } from "../../workers/runner/deps.ts";
import { stepsLane } from "../../workers/runner/io-lane.ts";
import { createOffers } from "../../workers/runner/offers.ts";
import { executeAndSettle } from "../../workers/runner/settle-batch.ts";
import { fakeRuns } from "../workers/fake-stores.ts";
import { createTestRunner, deliver, hintFor, settled } from "../support/workerd-runner.ts";
import { chain, claimed, eventsOf, fork, objectOf, planFor, started } from "../support/workerd-runs.ts";
import { drainQueues } from "../support/workerd-tap.ts";

const STEPS = "arcrun-steps";
const steps = (bodies: readonly unknown[], deps: RunnerDeps) => deliver(STEPS, bodies, (batch) => consume(batch, stepsLane, deps));

/** The real object of this run; `claims` gets what it was asked for. */
function countingClaims(name: string): { readonly runs: Runs; readonly claims: readonly (readonly string[])[] } {
  const claims: (readonly string[])[] = [];
  const { runs } = createTestRunner().deps;
  const claim = (keys: readonly string[]) => {
    claims.push(keys);
    return objectOf(name).run.claim(keys);
  };
  const of: Runs["of"] = (tenant, id) => {
    const real = runs.of(tenant, id);
    return fakeRuns({ claim, settle: (outcomes, maxOffers) => real.settle(outcomes, maxOffers) }).of(tenant, id);
  };
  return { runs: { of }, claims };
}

it("A runner needs no claim for steps that came with the settlement of the one before", async () => {
  const { runs, claims } = countingClaims("offered");
  const { deps, counted } = createTestRunner({ runs, offers: createOffers(() => Date.now()) });
  const { stub, run } = await started("offered", fork());
  await steps([hintFor("offered", "one")], deps);
  expect(await run.claim(["three"])).toMatchObject([{ kind: "execute", step: "three" }]); // an offer is no lease
  for (const step of ["two", "three"]) await steps([hintFor("offered", step)], deps);
  expect([claims, counted]).toEqual([[["one"]], Array.from({ length: 3 }, () => "set succeeded")]);
  expect([(await eventsOf(stub)).at(-1), (await drainQueues()).length]).toEqual([["run.ended"], 2]);
});

it("A runner goes on with a run that has one next step: no claim, no message", async () => {
  const { runs, claims } = countingClaims("alone");
  const { deps } = createTestRunner({ runs, goOnMs: 200 });
  const { stub } = await started("alone", chain("one", "two", "three"));
  expect(await steps([hintFor("alone", "one")], deps)).toEqual(settled(["m0"]));
  const ends = ["one", "two", "three"].map((step) => ["step.succeeded", step]);
  expect([claims, await drainQueues(), await eventsOf(stub)]).toEqual([[["one"]], [], [["run.started"], ...ends, ["run.ended"]]]);
});

/** The real object of this run; `settled` gets the steps of each settlement. */
function countingSettlements() {
  const settlements: (readonly string[])[] = [];
  const { runs } = createTestRunner().deps;
  const of: Runs["of"] = (tenant, id) => {
    const real = runs.of(tenant, id);
    return {
      ...real,
      settle(outcomes, maxOffers) {
        settlements.push(outcomes.map(({ step }) => step));
        return real.settle(outcomes, maxOffers);
      },
    };
  };
  return { runs: { of }, settlements };
}

it("A line of pure steps is settled at once; each sees what those before it answered", async () => {
  const { runs, settlements } = countingSettlements();
  const { deps } = createTestRunner({ runs, goOnMs: 10_000 });
  const add = (a: string, b: string) => ({ component: "number_ops", op: "add", a, b });
  const plan = planFor({
    flow: [
      "input >> ON_SUCCESS >> one",
      "one >> PIPE >> two",
      "one >> ON_FAIL >> alarm",
      "two >> WHEN(one.data.result < two.data.result) >> three",
    ],
    config: {
      one: add("{{1}}", "{{2}}"),
      two: add("{{one.data.result}}", "{{10}}"),
      three: add("{{two.data.result}}", "{{one.data.result}}"),
      alarm: { component: "set", values: {} },
    },
  });
  const { run } = await started("line", plan);
  await steps([hintFor("line", "one")], deps);
  expect(settlements).toEqual([["one", "two", "three"]]);
  const view = await run.view({ offset: 0, limit: 9 });
  expect([view?.summary.status, view?.output]).toMatchObject(["succeeded", { output: { json: expect.stringContaining('"result":16') } }]);
  expect(view?.steps.map(({ status }) => status).toSorted()).toEqual(["skipped", "succeeded", "succeeded", "succeeded"]);
  await drainQueues();
});

it("A line ends when its results become too large for one call", async () => {
  const { runs, settlements } = countingSettlements();
  const { deps } = createTestRunner({ runs, goOnMs: 10_000 });
  const names = Array.from({ length: 10 }, (_, i) => `s${i}`);
  const textOf = (i: number) => (i === 0 ? "x".repeat(1000) : i === 1 ? "{{s0.data.t}}".repeat(16) : `{{s${i - 1}.data.t}}`);
  const plan = planFor({
    flow: names.map((name, i) => `${names[i - 1] ?? "input"} >> ON_SUCCESS >> ${name}`),
    config: Object.fromEntries(names.map((name, i) => [name, { component: "set", values: { t: textOf(i) } }])),
  });
  await started("large line", plan);
  await steps([hintFor("large line", "s0")], deps);
  expect([settlements, await drainQueues()]).toEqual([[["s0", "s1", "s2"]], [{ queue: STEPS, body: hintFor("large line", "s3") }]]);
});

it("A step of a line that fails is done once more, under a lease, and fails as any other", async () => {
  const { runs, settlements } = countingSettlements();
  const { deps, counted } = createTestRunner({ runs, goOnMs: 10_000 });
  const plan = planFor({
    flow: ["input >> ON_SUCCESS >> one", "one >> ON_SUCCESS >> two", "two >> ON_SUCCESS >> three"],
    config: {
      one: { component: "set", values: {} },
      two: { component: "assert", that: false, code: "test.broken" },
      three: { component: "set", values: {} },
    },
  });
  const { run, stub } = await started("broken line", plan);
  await steps([hintFor("broken line", "one")], deps);
  expect(settlements).toEqual([["one"], ["two"]]);
  expect(await eventsOf(stub)).toEqual([["run.started"], ["step.succeeded", "one"], ["step.failed", "two"], ["run.ended"]]);
  expect((await run.view({ offset: 0, limit: 9 }))?.error).toMatchObject({ code: "test.broken", node: "two" });
  expect(counted).toEqual(["set succeeded", "assert failed", "dead letter"]);
  await drainQueues();
});

it("A runner goes on for a while only: then the others have a turn, and the rest is messages", async () => {
  const { deps } = createTestRunner({ goOnMs: 200 });
  let time = Date.now();
  const { stub } = await started("long", chain("one", "two", "three"));
  await steps([hintFor("long", "one")], { ...deps, now: () => (time += 120) });
  expect([(await eventsOf(stub)).at(-1), await drainQueues()]).toEqual([
    ["step.succeeded", "one"],
    [{ queue: STEPS, body: hintFor("long", "two") }],
  ]);
});

it("A runner goes on as long as the fuel of its invocation lasts", async () => {
  const manifest = PART_MANIFESTS["set"];
  if (manifest === undefined) throw new Error("there is no part `set`");
  const stdout = new TextEncoder().encode('{"success":true}');
  let executions = 0;
  const run = () => (++executions, { kind: "answered" as const, stdout, stderr: "", fuelUsed: MAX_FUEL_PER_INVOCATION / 2 });
  const { deps } = createTestRunner({ goOnMs: 60_000, parts: { find: () => ({ manifest, run }) } });
  await started("hungry", chain("one", "two", "three"));
  await steps([hintFor("hungry", "one")], deps);
  expect([executions, await drainQueues()]).toEqual([2, [{ queue: STEPS, body: hintFor("hungry", "three") }]]);
});

it("What many steps compute together gives way to others, also where the clock stands still meanwhile", async () => {
  const manifest = PART_MANIFESTS["set"];
  if (manifest === undefined) throw new Error("there is no part `set`");
  const stdout = new TextEncoder().encode('{"success":true}');
  const order: string[] = [];
  const run = () => (order.push("executed"), { kind: "answered" as const, stdout, stderr: "", fuelUsed: 15_000_000 });
  const real = createTestRunner().deps.runs;
  const settle = async (tenant: string, id: string, ...args: Parameters<ReturnType<Runs["of"]>["settle"]>) => {
    const reply = await real.of(tenant, id).settle(...args);
    order.push("settled");
    return reply;
  };
  const of: Runs["of"] = (tenant, id) => ({ ...real.of(tenant, id), settle: (...args) => settle(tenant, id, ...args) });
  const frozen = Date.now();
  const { deps } = createTestRunner({ runs: { of }, goOnMs: 200, now: () => frozen, parts: { find: () => ({ manifest, run }) } });
  const names = Array.from({ length: 16 }, (_, i) => `n${i}`);
  const runs = await Promise.all(Array.from({ length: 12 }, (_, i) => started(`together ${i}`, chain(...names))));
  await executeAndSettle(await Promise.all(runs.map((one) => claimed(one.run, "n0"))), deps);
  expect(order.indexOf("settled")).toBeLessThan((runs.length * names.length) / 2);
  await drainQueues();
});
