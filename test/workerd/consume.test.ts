import { describe, expect, it } from "vitest";
import endless from "../../generated/test/endless.wasm";
import { PART_MANIFESTS } from "../../generated/part-manifests.ts";
import { PART_BYTES } from "../../generated/part-bytes.ts";
import type { Runs } from "../../shared/ports.ts";
import type { RunApi } from "../../shared/run-api.ts";
import { consume, type Lane } from "../../workers/runner/consume.ts";
import { stepsLane } from "../../workers/runner/io-lane.ts";
import { createPartLibrary } from "../../workers/runner/part-library.ts";
import { createPartLoader } from "../../workers/runner/part-loader.ts";
import type { PartOutcome } from "../../workers/runner/part-host.ts";
import { MAX_FUEL_PER_INVOCATION } from "../../shared/model/limits.ts";
import type { PinnedPart, RunnerDeps } from "../../workers/runner/deps.ts";
import worker from "../../workers/runner/index.ts";
import { fakeRuns } from "../workers/fake-stores.ts";
import { store } from "../support/workerd-parts.ts";
import { createTestRunner, deliver, hintFor, settled } from "../support/workerd-runner.ts";
import { chain, eventsOf, fork, objectOf, planFor, runIdOf, started, TENANT } from "../support/workerd-runs.ts";
import { drainQueues } from "../support/workerd-tap.ts";
import { testEnv } from "../support/workerd-env.ts";

const STEPS = "arcrun-steps";
const ONE = chain("one");
const DONE = [["run.started"], ["step.succeeded", "one"], ["run.ended"]];
const steps = (bodies: readonly unknown[], deps: RunnerDeps, lane: Lane = stepsLane) =>
  deliver(STEPS, bodies, (batch) => consume(batch, lane, deps));
const statusIn = async (name: string) =>
  (await testEnv.DB.prepare("SELECT status FROM runs WHERE run_id = ?").bind(runIdOf(name)).first<{ status: string }>())?.status;

const overloaded = () => Promise.reject(new Error("overloaded"));
/** The run objects, but for one that answers like this. */
function runsBut(name: string, answers: Partial<RunApi>): Runs {
  const { runs } = createTestRunner().deps;
  return { of: (tenant, id) => (id === runIdOf(name) ? fakeRuns(answers).of(tenant, id) : runs.of(tenant, id)) };
}

describe("a batch of hints", () => {
  it("executes each step, commits, sends what follows in one go and acks", async () => {
    const { deps, counted, logged } = createTestRunner();
    const [first, second] = [await started("a", fork()), await started("b", ONE)];
    expect(await steps([hintFor("a", "one"), hintFor("b", "one")], deps)).toEqual(settled(["m0", "m1"]));
    expect(await eventsOf(first.stub)).toEqual([["run.started"], ["step.succeeded", "one"]]);
    expect(await eventsOf(second.stub)).toEqual(DONE);
    expect(await drainQueues()).toEqual(["two", "three"].map((step) => ({ queue: STEPS, body: hintFor("a", step) })));
    expect([await statusIn("a"), await statusIn("b"), counted, logged]).toEqual([
      undefined,
      "succeeded",
      ["set succeeded", "set succeeded"],
      [],
    ]);
  });

  it("with a poisoned message redelivers no neighbour, and the poison becomes a letter on the desk", async () => {
    const { deps } = createTestRunner();
    const [first, second] = [await started("before", ONE), await started("behind", ONE)];
    const poison = { v: 0, what: "is this" };
    expect(await steps([hintFor("before", "one"), poison, hintFor("behind", "one")], deps)).toEqual(settled(["m0", "m1", "m2"]));
    expect([await eventsOf(first.stub), await eventsOf(second.stub)]).toEqual([DONE, DONE]);
    const { results } = await testEnv.DB.prepare("SELECT tenant, run_id, error ->> '$.code' AS code, input FROM dead_letters").all();
    expect(results).toEqual([{ tenant: TENANT, run_id: null, code: "message.unreadable", input: JSON.stringify(poison) }]);
  });

  it("with a hint of a newer version keeps it for the end of the roll-out, and lays it on the desk when its tries are used up", async () => {
    const { deps } = createTestRunner();
    const { stub } = await started("old", ONE);
    const newer = { ...hintFor("old", "one"), v: 2, sooner: true };
    const all = (attempts: number) => deliver(STEPS, [newer, hintFor("old", "one")], (batch) => consume(batch, stepsLane, deps), attempts);
    const onDesk = async () => (await testEnv.DB.prepare("SELECT input FROM dead_letters").all()).results;
    const before = await onDesk();
    for (const attempts of [1, 3]) expect(await all(attempts)).toEqual(settled(["m1"], [{ msgId: "m0", delaySeconds: 60 }]));
    expect([await eventsOf(stub), await onDesk()]).toEqual([DONE, before]);
    expect((await all(4)).retryMessages).toEqual([]);
    expect(await onDesk()).toEqual([...before, { input: JSON.stringify(newer) }]);
  });

  it("with a poisoned message that the desk cannot take now comes again with that message only", async () => {
    const { deps, logged } = createTestRunner();
    const away: RunnerDeps = { ...deps, index: { ...deps.index, addDeadLetters: overloaded } };
    await started("beside", ONE);
    expect(await steps(["nonsense", hintFor("beside", "one")], away)).toEqual(settled(["m1"], [{ msgId: "m0", delaySeconds: 2 }]));
    expect(logged).toEqual(["quarantine.failed"]);
  });

  it("with the same message many times executes the step once", async () => {
    const { deps, counted } = createTestRunner();
    const { stub } = await started("many", ONE);
    const hint = hintFor("many", "one");
    expect(await steps([hint, hint, hint], deps)).toEqual(settled(["m0", "m1", "m2"]));
    expect(await steps([hint], deps)).toEqual(settled(["m0"]));
    expect([await eventsOf(stub), counted, await drainQueues()]).toEqual([DONE, ["set succeeded"], []]);
  });

  it("that two consumers have at the same time executes the step once", async () => {
    const { deps, counted } = createTestRunner();
    const { stub } = await started("shared", ONE);
    const hint = hintFor("shared", "one");
    expect(await Promise.all([steps([hint], deps), steps([hint], deps)])).toEqual([settled(["m0"]), settled(["m0"])]);
    expect([await eventsOf(stub), counted]).toEqual([DONE, ["set succeeded"]]);
  });

  it("gives back only the messages of the run that does not answer, later each time", async () => {
    const { deps, logged } = createTestRunner({ runs: runsBut("broken", { claim: overloaded }) });
    const { stub } = await started("sound", ONE);
    const bodies = [hintFor("broken", "one"), hintFor("sound", "one"), hintFor("broken", "two")];
    const given = (delaySeconds: number) => ["m0", "m2"].map((msgId) => ({ msgId, delaySeconds }));
    expect(await steps(bodies, deps)).toEqual(settled(["m1"], given(2)));
    expect(await deliver(STEPS, bodies, (batch) => consume(batch, stepsLane, deps), 9)).toEqual(settled(["m1"], given(60)));
    expect([await eventsOf(stub), logged]).toEqual([DONE, ["claim.failed", "claim.failed"]]);
  });

  it("acks the steps of a run whose results cannot be committed: its lease runs out and its alarm goes on", async () => {
    const claim = (keys: readonly string[]) => objectOf("stuck").run.claim(keys);
    const { deps, logged } = createTestRunner({ runs: runsBut("stuck", { claim, settle: overloaded }) });
    const [first, second] = [await started("stuck", ONE), await started("free", ONE)];
    expect(await steps([hintFor("stuck", "one"), hintFor("free", "one")], deps)).toEqual(settled(["m0", "m1"]));
    expect([await eventsOf(first.stub), await eventsOf(second.stub), logged]).toEqual([[["run.started"]], DONE, ["settle.failed"]]);
  });

  it("is bounded in fuel: what is left of it goes back unexecuted and is hinted anew", async () => {
    const manifest = PART_MANIFESTS["set"];
    if (manifest === undefined) throw new Error("there is no part `set`");
    let executions = 0;
    const answer: PartOutcome = {
      kind: "answered",
      stdout: new TextEncoder().encode('{"success":true}'),
      stderr: "",
      fuelUsed: MAX_FUEL_PER_INVOCATION / 8,
    };
    const hungry: PinnedPart = { manifest, run: () => (++executions, answer) };
    const { deps } = createTestRunner({ parts: { find: () => hungry } });
    const nodes = Array.from({ length: 20 }, (_, n) => `n${n}`);
    const plan = planFor({
      flow: nodes.map((node) => `input >> ON_SUCCESS >> ${node}`),
      config: Object.fromEntries(nodes.map((node) => [node, { component: "set", values: { node } }])),
    });
    const { run, stub } = await started("hungry", plan);
    const all = () =>
      steps(
        nodes.map((node) => hintFor("hungry", node)),
        deps,
      );
    expect(await all()).toEqual(settled(nodes.map((_, n) => `m${n}`)));
    const first = executions;
    expect([first >= 8, first <= 12]).toEqual([true, true]);
    expect((await drainQueues()).length).toBe(20 - first);
    await all();
    await all();
    await drainQueues();
    expect([executions, (await run.view({ offset: 0, limit: 1 }))?.summary.status]).toEqual([20, "succeeded"]);
    expect((await eventsOf(stub)).filter(([type]) => type === "step.succeeded")).toHaveLength(20);
  });

  it("for a run of nobody is acked without touching an object", async () => {
    const { deps } = createTestRunner({ runs: { of: () => expect.unreachable("an object was asked") } });
    const foreign = { ...hintFor("a", "one"), tenant: "somebody" };
    expect(await steps([foreign, { ...foreign, run: "run_x" }], deps)).toEqual(settled(["m0", "m1"]));
  });

  it("comes again when the lane has no room", async () => {
    const { deps } = createTestRunner({ runs: { of: () => expect.unreachable("an object was asked") } });
    const full: Lane = { ...stepsLane, hasRoom: () => false };
    expect(await steps([hintFor("a", "one")], deps, full)).toEqual(settled([], [{ msgId: "m0", delaySeconds: 1 }]));
  });
});

describe("a part", () => {
  it("that never ends runs out of fuel, and the other runs of its batch succeed", async () => {
    const hash = PART_MANIFESTS["hash"];
    const { deps, counted } = createTestRunner({
      parts: createPartLibrary(
        {
          ...PART_BYTES,
          manifests: { ...PART_MANIFESTS, ...(hash && { hash: { ...hash, fuel: 1_000_000 } }) },
          modules: { ...PART_BYTES.modules, ...(hash && { [hash.digest]: endless }) },
        },
        store,
        createPartLoader(undefined, store),
      ),
    });
    const spinning = planFor({ flow: ["input >> ON_SUCCESS >> spin"], config: { spin: { component: "hash", op: "sha256", text: "x" } } });
    const [spin, calm] = [await started("spin", spinning), await started("calm", ONE)];
    expect(await steps([hintFor("spin", "spin"), hintFor("calm", "one")], deps)).toEqual(settled(["m0", "m1"]));
    expect(await eventsOf(calm.stub)).toEqual(DONE);
    const view = await spin.run.view({ offset: 0, limit: 10 });
    expect([view?.summary.status, view?.error]).toMatchObject(["failed", { code: "part.out_of_fuel", node: "spin" }]);
    expect(view?.steps.find(({ key }) => key === "spin")?.fuel).toBeGreaterThanOrEqual(1_000_000);
    const letters = (await drainQueues()).map(({ body }) => body);
    expect(letters).toMatchObject([{ v: 1, kind: "step", letter: { step: "spin", error: { code: "part.out_of_fuel" } } }]);
    const desk = () => deliver("arcrun-dead-letters", [...letters, ...letters], (batch, context) => worker.queue(batch, testEnv, context));
    expect([await desk(), await desk()]).toMatchObject([
      { outcome: "ok", ackAll: true },
      { outcome: "ok", ackAll: true },
    ]);
    const { results } = await testEnv.DB.prepare("SELECT step FROM dead_letters WHERE run_id = ?").bind(runIdOf("spin")).all();
    expect(results).toEqual([{ step: "spin" }]);
    expect(counted.toSorted()).toEqual(["dead letter", "hash failed", "set succeeded"]);
  });

  it("with an output over 32 KB: it lies in the bucket, and the next step gets it whole", async () => {
    const { deps } = createTestRunner();
    const text = "ä".repeat(20_000);
    const plan = planFor({
      flow: ["input >> ON_SUCCESS >> big", "big >> ON_SUCCESS >> copy"],
      config: { big: { component: "set", values: { text } }, copy: { component: "set", values: { text: "{{big.data.text}}" } } },
    });
    const { run } = await started("big", plan);
    await steps([hintFor("big", "big")], deps);
    await steps([hintFor("big", "copy")], deps);
    const view = await run.view({ offset: 0, limit: 10 });
    const output = view?.output.kind === "one" ? view.output.output : undefined;
    expect(output).toMatchObject({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: expect.any(Number) });
    const stored = JSON.parse(await deps.payloads.get(TENANT, runIdOf("big"), output ?? { json: "null" }));
    expect(stored).toEqual({ success: true, data: { text } });
    const { objects } = await testEnv.PAYLOADS.list({ prefix: `${TENANT}/${runIdOf("big")}/` });
    expect(objects.every(({ size }) => size > 32 * 1024)).toBe(true);
  });

  it("that calls out goes through the entrypoint of the io lane", async () => {
    const calling = planFor({
      flow: ["input >> ON_SUCCESS >> call"],
      config: { call: { component: "http_request", url: "http://127.0.0.1:9/" } },
    });
    const { run } = await started("io", calling);
    expect(await deliver("arcrun-io", [hintFor("io", "call")], (batch, context) => worker.queue(batch, testEnv, context))).toEqual(
      settled(["m0"]),
    );
    expect((await run.view({ offset: 0, limit: 1 }))?.error).toMatchObject({ code: "egress.denied", node: "call" });
  });
});
