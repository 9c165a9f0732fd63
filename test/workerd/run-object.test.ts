import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunApi } from "../../shared/run-api.ts";
import {
  alarmOf,
  chain,
  claimed,
  eventsOf,
  failureOf,
  objectOf,
  runIdOf,
  started,
  startOf,
  stopClock,
  succeed,
  successOf,
  TENANT,
} from "../support/workerd-runs.ts";
import { drainQueues } from "../support/workerd-tap.ts";
import { testEnv } from "../support/workerd-env.ts";

let pass: (ms: number) => void;
beforeEach(() => {
  pass = stopClock();
});
afterEach(() => {
  vi.useRealTimers();
});

const LINE = chain("one", "two", "three");
const hintOf = (name: string, step: string) => ({ v: 1, tenant: TENANT, run: runIdOf(name), step });

describe("a start", () => {
  it("makes the run once: the same delivery finds it, another body is told apart", async () => {
    const { run, stub } = objectOf("start");
    const first = await run.start(startOf("start", LINE));
    const again = await run.start(startOf("start", LINE));
    const other = await run.start(startOf("start", LINE, { inputDigest: "d1" }));
    expect([first, again, other].map(({ created, mismatch, hints }) => ({ created, mismatch, hints }))).toEqual([
      { created: true, mismatch: false, hints: [{ lane: "steps", hint: hintOf("start", "one") }] },
      { created: false, mismatch: false, hints: [] },
      { created: false, mismatch: true, hints: [] },
    ]);
    expect(await eventsOf(stub)).toEqual([["run.started"]]);
  });

  it("does not happen by looking: an object that knows no run stays without one", async () => {
    const { run, stub } = objectOf("nobody");
    expect([
      await run.view({ offset: 0, limit: 10 }),
      await run.wait(0),
      await run.events(0, 0),
      await run.cancel(),
      await run.claim(["one"]),
    ]).toEqual([null, null, null, { kind: "unknown" }, [{ kind: "skip", step: "one", why: "unknown_step" }]]);
    expect([await eventsOf(stub), await alarmOf(stub)]).toEqual([[], null]);
  });
});

const LINE_EVENTS = [["run.started"], ["step.succeeded", "one"], ["step.succeeded", "two"], ["step.succeeded", "three"], ["run.ended"]];

describe("a chain of pure steps", () => {
  it("costs one row a step", async () => {
    const { run, stub } = await started("rows", LINE);
    for (const step of ["one", "two", "three"]) await succeed(run, step);
    expect(await eventsOf(stub)).toEqual(LINE_EVENTS);
    expect(await run.wait(0)).toBe("succeeded");
  });

  it("gives each step to one of two who ask for it", async () => {
    const { run } = await started("twice", LINE);
    const replies = await Promise.all([run.claim(["one"]), run.claim(["one"])]);
    expect(replies.flat().map((reply) => (reply.kind === "skip" ? reply.why : reply.kind))).toEqual(["execute", "leased"]);
    expect(await run.claim(["two", "nonsense"])).toEqual([
      { kind: "skip", step: "two", why: "not_ready" },
      { kind: "skip", step: "nonsense", why: "not_ready" },
    ]);
  });

  it("goes the same way when the object is evicted after every call", async () => {
    const { stub } = objectOf("evicted");
    const call = async <T>(work: (run: RunApi) => Promise<T>): Promise<T> => {
      const result = await work(objectOf("evicted").run);
      await evictDurableObject(stub);
      return result;
    };
    const hinted = (await call((run) => run.start(startOf("evicted", LINE)))).hints;
    const seen = [hinted];
    for (const step of ["one", "two", "three"]) {
      const assignment = await call((run) => claimed(run, step));
      seen.push((await call((run) => run.settle([successOf(assignment, { step })]))).hints);
      expect((await call((run) => run.claim([step])))[0]).toMatchObject({ kind: "skip", why: "done" });
    }
    const steps = seen.map((hints) => hints.map(({ hint }) => hint.step));
    expect(steps).toEqual([["one"], ["two"], ["three"], []]);
    expect(await eventsOf(stub)).toEqual(LINE_EVENTS);
    expect((await call((run) => run.view({ offset: 0, limit: 10 })))?.output).toEqual({
      kind: "one",
      output: { json: '{"success":true,"data":{"step":"three"}}' },
    });
  });

  it("accepts a success once, whoever brings it", async () => {
    const { run, stub } = await started("zombie", LINE);
    const first = await claimed(run, "one");
    await evictDurableObject(stub);
    const second = await claimed(run, "one");
    expect(second.lease).not.toBe(first.lease);
    expect((await run.settle([failureOf(first)])).refused).toBe(1);
    expect([(await run.settle([successOf(first)])).refused, (await run.settle([successOf(second)])).refused]).toEqual([0, 1]);
    expect(await eventsOf(stub)).toEqual([["run.started"], ["step.succeeded", "one"]]);
  });
});

describe("a hint that is lost", () => {
  it("is sent again by the alarm, after a while, and then after twice that", async () => {
    const { stub } = await started("lost", LINE);
    await drainQueues();
    const sentAfter = async (ms: number) => {
      pass(ms);
      expect(await runDurableObjectAlarm(stub)).toBe(true);
      return drainQueues();
    };
    const hint = { queue: "arcrun-steps", body: hintOf("lost", "one") };
    expect([await sentAfter(59_000), await sentAfter(2000), await sentAfter(61_000), await sentAfter(60_000)]).toEqual([
      [],
      [hint],
      [],
      [hint],
    ]);
  });

  it("is sent at once by an object that was evicted in between", async () => {
    const { stub } = await started("forgotten", LINE);
    await evictDurableObject(stub);
    await drainQueues();
    await runDurableObjectAlarm(stub);
    expect(await drainQueues()).toEqual([{ queue: "arcrun-steps", body: hintOf("forgotten", "one") }]);
  });

  it("is not missed by a step that is leased", async () => {
    const { run, stub } = await started("leased", LINE);
    await claimed(run, "one");
    await drainQueues();
    pass(29_000);
    await runDurableObjectAlarm(stub);
    expect(await drainQueues()).toEqual([]);
    pass(2000);
    await runDurableObjectAlarm(stub);
    expect(await drainQueues()).toEqual([{ queue: "arcrun-steps", body: hintOf("leased", "one") }]);
  });
});

describe("the alarm", () => {
  const rowsOf = async (name: string) => {
    const { results } = await testEnv.DB.prepare("SELECT status, error_code FROM runs WHERE run_id = ?").bind(runIdOf(name)).all();
    return results;
  };

  it("writes what index and desk missed, and rings again when they cannot be written", async () => {
    const { run, stub } = await started("index", LINE);
    const reply = await run.settle([failureOf(await claimed(run, "one"))]);
    expect(reply.deadLetters).toHaveLength(1);
    pass(11_000);
    await testEnv.DB.exec("ALTER TABLE runs RENAME TO runs_away");
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    await testEnv.DB.exec("ALTER TABLE runs_away RENAME TO runs");
    expect([await rowsOf("index"), (await alarmOf(stub)) !== null]).toEqual([[], true]);
    pass(6000);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await rowsOf("index")).toEqual([{ status: "failed", error_code: "part.failed" }]);
    const { results } = await testEnv.DB.prepare("SELECT id, step FROM dead_letters WHERE run_id = ?").bind(runIdOf("index")).all();
    expect(results).toEqual([{ id: reply.deadLetters[0]?.id, step: "one" }]);
  });

  it("deletes the run, its payloads and nothing else when its retention is over", async () => {
    const payload = (name: string) => `${TENANT}/${runIdOf(name)}/aa`;
    await Promise.all([testEnv.PAYLOADS.put(payload("kept"), "x"), testEnv.PAYLOADS.put(payload("dropped"), "x")]);
    const { run, stub } = await started("dropped", chain("one"));
    await succeed(run, "one");
    await evictDurableObject(stub); // with what it handed out for the index
    pass(11_000);
    await runDurableObjectAlarm(stub);
    expect(await rowsOf("dropped")).toEqual([{ status: "succeeded", error_code: null }]);
    pass(30 * 86_400_000 - 12_000);
    await runDurableObjectAlarm(stub);
    expect(await run.wait(0)).toBe("succeeded");
    pass(2000);
    await runDurableObjectAlarm(stub);
    expect([await run.view({ offset: 0, limit: 1 }), await alarmOf(stub), await rowsOf("dropped")]).toEqual([null, null, []]);
    expect((await testEnv.PAYLOADS.list()).objects.map(({ key }) => key)).toEqual([payload("kept")]);
    expect((await run.start(startOf("dropped", chain("one")))).created).toBe(true);
    expect(await eventsOf(stub)).toEqual([["run.started"]]);
  });
});
