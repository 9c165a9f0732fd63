import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { testEnv } from "../support/workerd-env.ts";
import { TENANT } from "../support/workerd-runs.ts";
import {
  catalogue,
  EVERY_MINUTE,
  history,
  iso,
  keepers,
  listed,
  pushed,
  ring,
  runOf,
  runsOf,
  stateIn,
  stubOf,
  write,
} from "../support/workerd-schedules.ts";

/** Far ahead, so that the platform rings no alarm by itself, unless a test wants it. */
const NOON = Date.parse("2031-01-01T12:00:00Z");
const MINUTE = 60_000;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOON + 30_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a schedule", () => {
  it("is planned when it is pushed, and starts one run with its input when it is due", async () => {
    const stub = await pushed("due", EVERY_MINUTE);
    expect(await history("due")).toEqual([{ next: iso(NOON + MINUTE), last: null, skipped: 0, missed: 0 }]);
    await ring(stub, NOON + MINUTE);
    const [runId = "", ...more] = await runsOf("due");
    expect(more).toEqual([]);
    expect(await runOf(runId).view({ offset: 0, limit: 0 })).toMatchObject({
      input: { json: '{"n":1}' },
      origin: { kind: "schedule", depth: 0, scheduledAt: NOON + MINUTE },
    });
    expect(await listed("due")).toMatchObject([{ lastRunId: runId, lastAt: NOON + MINUTE, nextAt: NOON + 2 * MINUTE, lastError: null }]);
  });

  it("fires by the platform's own alarm, also in an object that was evicted", async () => {
    const stub = await pushed("alone", EVERY_MINUTE);
    await evictDurableObject(stub);
    vi.useRealTimers();
    const soon = Date.now() + 100;
    vi.useFakeTimers({ toFake: ["Date"], now: NOON + MINUTE });
    await runInDurableObject(stub, (_, { storage }) => storage.setAlarm(soon));
    await vi.waitFor(async () => expect(await history("alone")).toMatchObject([{ last: iso(NOON + MINUTE) }]), 5000);
    expect(await runsOf("alone")).toHaveLength(1);
  });

  it("does nothing when the alarm rings too early, or once more", async () => {
    const stub = await pushed("twice", EVERY_MINUTE);
    await ring(stub, NOON + MINUTE - 1);
    expect(await runsOf("twice")).toEqual([]);
    for (const ms of [0, 0, 10]) await ring(stub, NOON + MINUTE + ms);
    expect(await runsOf("twice")).toHaveLength(1);
  });

  it("is one run though the process died before it noted that the run had started", async () => {
    const stub = await pushed("crashed", EVERY_MINUTE);
    const { kept: before } = await stateIn(stub);
    await ring(stub, NOON + MINUTE);
    const runs = await runsOf("crashed");
    const pending = Object.fromEntries(
      Object.entries(before?.states ?? {}).map(([key, one]) => [key, { ...one, pendingAt: NOON + MINUTE }]),
    );
    await runInDurableObject(stub, (_, { storage }) => storage.put("kept", { ...before, states: pending }));
    await evictDurableObject(stub);
    await ring(stub, NOON + 5 * MINUTE);
    // The next one that was due came of itself; those between were missed.
    expect(await runsOf("crashed")).toHaveLength(2);
    expect(await runsOf("crashed")).toEqual(expect.arrayContaining([...runs]));
    expect(await history("crashed")).toEqual([{ next: iso(NOON + 6 * MINUTE), last: iso(NOON + 5 * MINUTE), skipped: 0, missed: 4 }]);
  });

  it("that skips overlaps waits for its last run to end", async () => {
    const stub = await pushed("skip", { ...EVERY_MINUTE, overlap: "skip" });
    await ring(stub, NOON + MINUTE);
    const [first = ""] = await runsOf("skip");
    await ring(stub, NOON + 2 * MINUTE);
    expect([await runsOf("skip"), await history("skip")]).toMatchObject([[first], [{ skipped: 1, last: iso(NOON + MINUTE) }]]);
    await runOf(first).cancel();
    await ring(stub, NOON + 3 * MINUTE);
    expect([await runsOf("skip"), await history("skip")]).toMatchObject([{ length: 2 }, [{ skipped: 1, last: iso(NOON + 3 * MINUTE) }]]);
  });

  it("that allows overlaps does not", async () => {
    const stub = await pushed("allow", EVERY_MINUTE);
    for (const n of [1, 2, 3]) await ring(stub, NOON + n * MINUTE);
    expect([await runsOf("allow"), await history("allow")]).toMatchObject([{ length: 3 }, [{ skipped: 0, missed: 0 }]]);
  });

  it.each([
    ["none", 0, { last: null, missed: 3 }],
    ["last", 1, { last: iso(NOON + 180 * MINUTE), missed: 2 }],
  ] as const)("with catch-up %s after hours away starts %d runs", async (catchUp, runs, expected) => {
    const name = `away_${catchUp}`;
    const stub = await pushed(name, { ...EVERY_MINUTE, cron: "0 * * * *", catchUp });
    await ring(stub, NOON + 210 * MINUTE);
    expect([await runsOf(name), await history(name)]).toMatchObject([{ length: runs }, [expected]]);
  });

  it("whose input the workflow does not take lies on the desk, and goes on", async () => {
    const stub = await pushed("unfit", { ...EVERY_MINUTE, input: { n: "x" } });
    await ring(stub, NOON + MINUTE);
    const letters = await testEnv.DB.prepare("SELECT error, at FROM dead_letters WHERE workflow = 'unfit'").all();
    expect(letters.results).toEqual([{ error: expect.stringContaining("validation_failed"), at: NOON + MINUTE }]);
    expect(await runsOf("unfit")).toEqual([]);
    expect(await listed("unfit")).toMatchObject([
      { lastAt: NOON + MINUTE, lastRunId: null, nextAt: NOON + 2 * MINUTE, lastError: { code: "validation_failed", retryable: false } },
    ]);
  });
});

const rename = (from: string, to: string) => testEnv.DB.prepare(`ALTER TABLE ${from} RENAME TO ${to}`).run();

describe("when the database does not answer", () => {
  it("the alarm rings again, and what was due is fired then", async () => {
    const stub = await pushed("away", EVERY_MINUTE);
    await rename("schedules", "gone");
    await ring(stub, NOON + MINUTE);
    expect((await stateIn(stub)).alarm).toBe(NOON + MINUTE + 15_000);
    await rename("gone", "schedules");
    await ring(stub, NOON + MINUTE + 15_000);
    expect([await runsOf("away"), await history("away")]).toMatchObject([{ length: 1 }, [{ last: iso(NOON + MINUTE), missed: 0 }]]);
  });

  it("a firing stays decided until its run can be started", async () => {
    const stub = await pushed("later", { ...EVERY_MINUTE, cron: "1 12 * * *" });
    await rename("workflows", "gone");
    await ring(stub, NOON + MINUTE);
    expect(await listed("later")).toMatchObject([{ lastAt: null, lastError: { code: "storage_unavailable" } }]);
    await rename("gone", "workflows");
    await ring(stub, NOON + MINUTE + 15_000);
    expect([await runsOf("later"), await listed("later")]).toMatchObject([
      { length: 1 },
      [{ lastAt: NOON + MINUTE, missed: 0, lastError: null }],
    ]);
    expect((await stateIn(stub)).alarm).toBe(NOON + 90_000); // a look after the push comes before tomorrow
  });

  it("a firing that cannot be started is missed when it comes too late, or the next one is due", async () => {
    const daily = await pushed("too_late", { ...EVERY_MINUTE, cron: "1 12 * * *" });
    const minutely = await pushed("next_due", { ...EVERY_MINUTE, catchUp: "last" });
    await rename("workflows", "gone");
    await ring(daily, NOON + MINUTE);
    await ring(minutely, NOON + MINUTE);
    await ring(minutely, NOON + 2 * MINUTE);
    await rename("gone", "workflows");
    await ring(daily, NOON + 3 * MINUTE);
    await ring(minutely, NOON + 3 * MINUTE - 1);
    expect([await runsOf("too_late"), await history("too_late")]).toMatchObject([[], [{ last: null, missed: 1 }]]);
    expect([await runsOf("next_due"), await history("next_due")]).toMatchObject([
      { length: 1 },
      [{ last: iso(NOON + 2 * MINUTE), missed: 1 }],
    ]);
  });
});

describe("a push that died", () => {
  it("between the catalogue and the object is made good by the object itself", async () => {
    await keepers.of(TENANT, "half").expect(TENANT, "half");
    await write("half", EVERY_MINUTE);
    await ring(stubOf("half"), NOON + 40_000);
    expect(await history("half")).toMatchObject([{ next: iso(NOON + MINUTE) }]);
  });

  it("before the catalogue was written leaves nothing behind", async () => {
    await keepers.of(TENANT, "nothing").expect(TENANT, "nothing");
    const stub = stubOf("nothing");
    for (const at of [40_000, 90_000, 630_000]) await ring(stub, NOON + at);
    expect(await stateIn(stub)).toEqual({ kept: undefined, alarm: null });
  });

  it("with the schedules gone or others fires none of the old ones", async () => {
    const [gone, changed] = [await pushed("gone", EVERY_MINUTE), await pushed("changed", EVERY_MINUTE)];
    await catalogue.remove(TENANT, "gone");
    await write("changed", { ...EVERY_MINUTE, cron: "30 * * * *" });
    for (const stub of [gone, changed]) await ring(stub, NOON + MINUTE);
    expect([await runsOf("gone"), await runsOf("changed")]).toEqual([[], []]);
    expect(await history("changed")).toMatchObject([{ next: iso(NOON + 30 * MINUTE) }]);
    vi.setSystemTime(NOON + 11 * MINUTE);
    await keepers.of(TENANT, "gone").sync(TENANT, "gone");
    expect(await stateIn(gone)).toEqual({ kept: undefined, alarm: null });
  });
});

it("a schedule that stays in the next version keeps its history, and what is due at that moment", async () => {
  const stub = await pushed("kept", EVERY_MINUTE);
  await ring(stub, NOON + MINUTE);
  vi.setSystemTime(NOON + 2 * MINUTE);
  await pushed("kept", { ...EVERY_MINUTE, catchUp: "last" }, { ...EVERY_MINUTE, cron: "0 0 1 1 *" });
  expect(await runsOf("kept")).toHaveLength(2);
  expect(await history("kept")).toEqual([
    { next: iso(NOON + 3 * MINUTE), last: iso(NOON + 2 * MINUTE), skipped: 0, missed: 0 },
    { next: "2032-01-01T00:00:00.000Z", last: null, skipped: 0, missed: 0 },
  ]);
});
