import { describe, expect, it } from "vitest";
import { claim } from "../../../shared/ledger/claim.ts";
import { nextSweepAt, sweep } from "../../../shared/ledger/sweep.ts";
import { planOf } from "../../simulation/graphs.ts";
import { failed, play } from "./play.ts";

const plan = planOf([{ name: "a", effects: "pure", retry: { attempts: 1 } }], []);
const told = (run: ReturnType<typeof play>) => sweep(run.ledger).summary?.status;

describe("what index and desk are told of a run that ended", () => {
  it("is told once when all goes well: its alarm has nothing to add before its retention", () => {
    const run = play(plan);
    run.run("a");
    expect(nextSweepAt(run.ledger)).toBeGreaterThan(run.clock.now + 86_400_000);
    expect(told(run)).toBeUndefined();
  });

  it("is told again by a ledger that does not remember, soon and once", () => {
    const run = play(plan);
    run.run("a");
    const reopened = run.reopen();
    expect(nextSweepAt(reopened.ledger)).toBe(run.clock.now + 3000);
    expect([told(reopened), told(reopened)]).toEqual(["succeeded", undefined]);
  });

  it("is told again when a message of it comes back: its runner may have died before it told anybody", () => {
    const run = play(plan);
    run.run("a");
    expect(claim(run.ledger, ["a"])).toEqual([{ kind: "skip", step: "a", why: "done" }]);
    expect([told(run), told(run)]).toEqual(["succeeded", undefined]);
  });

  it("is told twice with its dead letters when the run failed", () => {
    const run = play(plan);
    run.end(run.take("a"), failed());
    const { summary, deadLetters } = sweep(run.ledger);
    expect([summary?.status, deadLetters.map(({ step }) => step)]).toEqual(["failed", ["a"]]);
    expect(sweep(run.ledger)).toMatchObject({ summary: null, deadLetters: [] });
  });
});

it("a run that goes and waits over and over tells the index of it now and then only, and in the end of how it is", () => {
  const names = Array.from({ length: 40 }, (_, index) => `n${index}`);
  const nodes = names.map((name) => ({ name, effects: "idempotent", mayPause: true }) as const);
  const run = play(
    planOf(
      nodes,
      names.slice(1).map((to, index) => ({ from: `n${index}`, to })),
    ),
  );
  const rest = (name: string) => run.end(run.take(name), { kind: "paused", reason: "timer", dueAt: run.clock.now + 100 });
  for (const name of names.slice(0, -1)) {
    rest(name);
    run.clock.now += 100;
    run.run(name);
  }
  expect(run.ledger.told.times).toBeLessThan(13);
  run.end(run.take("n39"), { kind: "paused", reason: "timer", dueAt: run.clock.now + 80_000 });
  const tells = nextSweepAt(run.ledger);
  expect(tells).toBeLessThanOrEqual(run.clock.now + 5000);
  run.clock.now = tells;
  expect([told(run), nextSweepAt(run.ledger) > tells + 60_000]).toEqual(["waiting", true]);
});
