/** What becomes of schedules when anything may die at any moment: random worlds in which saves, starts and reads fail. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { ArcrunError } from "../../../shared/model/errors.ts";
import { decideFiring, MAX_COUNTED } from "../../../shared/model/schedule.ts";
import type { RunStatus } from "../../../shared/model/run.ts";
import type { Schedule } from "../../../shared/model/definition/workflow.ts";
import type { StartRun } from "../../../shared/run-api.ts";
import { withKeys } from "../../../shared/schedule-key.ts";
import { type KeeperDeps, keepSchedules, type KeptSchedules } from "../../../workers/runner/keep-schedules.ts";
import { emptyPlan, fakeHints, fakeRuns, fakeSlots, ids, inlinePayloads, summary } from "../fake-stores.ts";

const BEGIN = Date.parse("2026-03-28T00:00:30Z");
const MINUTE = 60_000;

class Crash extends Error {}

/** Processes die; with `canFail` storage fails, too, which a process survives. `luck` gives the next random number in [0, 1); below `badness` the world fails at that point. */
function world(schedule: Schedule, luck: () => number, canFail: boolean) {
  const disk: { kept: KeptSchedules } = { kept: { v: 1, tenant: "t", workflow: "w", checksAt: [], states: {} } };
  const runs = new Map<string, { readonly at: number; status: RunStatus; starts: number }>();
  let [now, badness] = [BEGIN, 0];
  let isDead = false;
  // Whoever catches it is dead, too: nothing it does reaches the disk.
  const mayDie = () => {
    isDead ||= luck() < badness;
    if (isDead) throw new Crash("the process is gone");
  };
  const mayFail = () => {
    if (canFail && luck() < badness) throw new ArcrunError("storage_unavailable", "away");
  };
  const start = (run: StartRun) => {
    mayFail();
    const known = runs.get(run.runId);
    if (known === undefined) runs.set(run.runId, { at: run.origin.scheduledAt ?? 0, status: "running", starts: 1 });
    else known.starts += 1;
    mayDie();
    return Promise.resolve({
      created: known === undefined,
      mismatch: false,
      version: "v1",
      summary: summary({ runId: run.runId }),
      hints: [],
    });
  };
  const deps: KeeperDeps = {
    ids,
    // Each run has an object of its own.
    runs: {
      of: (tenant, runId) => ({
        ...fakeRuns({ start: async (run) => start(run) }).of(tenant, runId),
        wait: async () => runs.get(runId)?.status ?? null,
      }),
    },
    payloads: inlinePayloads,
    hints: fakeHints(),
    teller: { tell: () => Promise.resolve() },
    uploadedParts: { digests: () => Promise.resolve({}) },
    newUnique: () => "",
    slots: fakeSlots(),
    startRate: { take: () => undefined },
    catalogue: {
      newest: async () => {
        mayFail();
        return { name: "w", version: "v1", description: "", plan: emptyPlan, source: "", format: "json", createdAt: 0 };
      },
    },
    schedules: { of: async () => withKeys([schedule]), tell: async () => mayFail() },
    index: { addDeadLetters: () => Promise.resolve() },
    now: () => now,
    log: () => undefined,
  };
  const save = async (kept: KeptSchedules) => {
    mayDie();
    disk.kept = structuredClone(kept);
    mayDie();
  };
  return {
    runs,
    state: () => Object.values(disk.kept.states)[0],
    /** A look at this moment, with so much bad luck. True: it came to its end. */
    look: async (at: number, bad: number): Promise<boolean> => {
      [now, badness, isDead] = [at, bad, false];
      const done = await keepSchedules(disk.kept, deps, save).catch((thrown: unknown) => {
        if (thrown instanceof Crash || thrown instanceof ArcrunError) return undefined;
        throw thrown;
      });
      return done !== undefined;
    },
  };
}

const steps = fc.array(
  fc.record({
    ms: fc.oneof(fc.integer({ min: 1, max: 40_000 }), fc.integer({ min: 1, max: 20 * MINUTE })),
    bad: fc.constantFrom(0, 0.1, 0.2, 0.4),
    ends: fc.boolean(),
  }),
  { minLength: 1, maxLength: 25 },
);
const schedules = fc.record({
  cron: fc.constantFrom("* * * * *", "*/5 * * * *", "7 * * * *"),
  timezone: fc.constantFrom("UTC", "Europe/Berlin"),
  input: fc.constant({}),
  overlap: fc.constantFrom("skip" as const, "allow" as const),
  catchUp: fc.constantFrom("none" as const, "last" as const),
});

it("each moment that was due is one run, or skipped, or missed, whatever dies in between", async () => {
  await fc.assert(
    fc.asyncProperty(
      schedules,
      steps,
      fc.boolean(),
      fc.infiniteStream(fc.integer({ min: 0, max: 999 })),
      async (schedule, moves, canFail, luck) => {
        const { runs, look, state } = world(schedule, () => (luck.next().value ?? 0) / 1000, canFail);
        expect(await look(BEGIN, 0)).toBe(true);
        let at = BEGIN;
        for (const { ms, bad, ends } of moves) {
          if (ends) for (const run of runs.values()) run.status = "succeeded";
          at += ms;
          await look(at, bad);
        }
        expect(await look(at, 0)).toBe(true);
        const due = new Set<number>();
        for (let next = decideFiring(schedule, BEGIN).nextAt; next !== null && next <= at; next = decideFiring(schedule, next).nextAt)
          due.add(next);
        const fired = [...runs.values()].map((run) => run.at);
        expect([new Set(fired).size, fired.filter((moment) => !due.has(moment))]).toEqual([fired.length, []]);
        expect(state()).toMatchObject({ pendingAt: null });
        if (due.size >= MAX_COUNTED) return;
        const { skipped = 0, missed = 0 } = state() ?? {};
        const sum = fired.length + skipped + missed;
        // Given up while storage failed, though a process that died had started it: such a run is counted as missed, too.
        if (canFail) expect(sum).toBeGreaterThanOrEqual(due.size);
        else expect(sum).toBe(due.size);
      },
    ),
    { numRuns: 300 },
  );
});

it("without bad luck the numbers are exact", async () => {
  await fc.assert(
    fc.asyncProperty(schedules, steps, async (schedule, moves) => {
      const { runs, look, state } = world(schedule, () => 1, false);
      await look(BEGIN, 0);
      let [at, due] = [BEGIN, 0];
      for (const { ms, ends } of moves) {
        if (ends) for (const run of runs.values()) run.status = "succeeded";
        await look((at += ms), 0);
      }
      for (let next = decideFiring(schedule, BEGIN).nextAt; next !== null && next <= at; next = decideFiring(schedule, next).nextAt) due++;
      const { skipped = 0, missed = 0 } = state() ?? {};
      expect([runs.size + skipped + missed, [...runs.values()].every(({ starts }) => starts === 1)]).toEqual([due, true]);
    }),
    { numRuns: 100 },
  );
});
