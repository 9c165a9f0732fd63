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
