import { describe, expect, it } from "vitest";
import { cancel, redrive } from "../../../shared/ledger/control.ts";
import { nextSweepAt, sweep } from "../../../shared/ledger/sweep.ts";
import { stepsToRedrive } from "../../../shared/model/redrive.ts";
import { planOf } from "../../simulation/graphs.ts";
import { failed, type Play, play, succeeded } from "../ledger/play.ts";

const PIPE = { kind: "pipe" } as const;
/** a → b, and c beside them; b and c meet in d. */
const diamond = planOf(
  [{ name: "a" }, { name: "b" }, { name: "c" }, { name: "d", join: { kind: "all" } }],
  [
    { from: "a", to: "b" },
    { from: "b", to: "d" },
    { from: "c", to: "d", relation: PIPE },
  ],
);
const keys = ({ ledger }: Play, wish: Parameters<typeof stepsToRedrive>[1] = {}) =>
  ledger.state && stepsToRedrive(ledger.state, wish)?.map(({ key }) => key);

function brokenAtB(): Play {
  const run = play(diamond);
  run.run("a");
  run.run("c");
  run.end(run.take("b"), failed());
  return run;
}

describe("a redrive", () => {
  it("takes what failed and what comes after it", () => {
    expect(keys(brokenAtB())).toEqual(["b", "d"]);
  });

  it("takes the named node and what comes after it", () => {
    expect([keys(brokenAtB(), { nodes: ["a"] }), keys(brokenAtB(), { steps: ["c"] })]).toEqual([
      ["a", "b", "d"],
      ["c", "d"],
    ]);
  });

  it("knows no node that is not there", () => {
    const unknown = (wish: Parameters<typeof stepsToRedrive>[1]) => redrive(brokenAtB().ledger, wish);
    expect([unknown({ nodes: ["a", "z"] }), unknown({ steps: ["a[0]"] }), unknown({ nodes: ["a"], steps: ["z"] })]).toEqual([
      { kind: "unknown_step", list: "nodes", at: 1 },
      { kind: "unknown_step", list: "steps", at: 0 },
      { kind: "unknown_step", list: "steps", at: 0 },
    ]);
  });

  it("runs them again in a new generation and keeps the rest", () => {
    const run = brokenAtB();
    const zombie = { ...run.ledger.state?.steps.get("c") };
    expect(redrive(run.ledger, {})).toMatchObject({ kind: "redriven", steps: ["b", "d"] });
    expect(run.take("b")).toMatchObject({ generation: 1, attempt: 1 });
    expect({ ...run.ledger.state?.steps.get("c") }).toEqual(zombie);
  });

  it("ends as a success when the repair succeeds", () => {
    const run = brokenAtB();
    redrive(run.ledger, {});
    run.run("b");
    run.run("d");
    expect(run.ledger.state?.ended?.status).toBe("succeeded");
    expect(redrive(run.ledger, {})).toEqual({ kind: "nothing" });
  });

  it("refuses results of before it", () => {
    const run = play(diamond);
    const zombie = run.take("a");
    cancel(run.ledger, undefined);
    redrive(run.ledger, {});
    expect(run.end(zombie, succeeded(zombie))).toBe(1);
    expect(run.status("a")).toBe("ready");
  });

  it("from one node of a cancelled run takes whatever else was cut short, so that its join is not forgotten", () => {
    const run = play(diamond);
    cancel(run.ledger, undefined);
    expect(keys(run, { nodes: ["a"] })).toEqual(["a", "c"]);
    redrive(run.ledger, { nodes: ["a"] });
    for (const step of ["a", "b", "c", "d"]) run.run(step);
    expect(run.ledger.state?.ended?.status).toBe("succeeded");
  });

  it("of a run that timed out gives it its whole time again", () => {
    const run = play(planOf([{ name: "a" }], [], { timeoutMs: 10_000 }));
    run.clock.now += 10_000;
    sweep(run.ledger);
    expect(run.ledger.state?.ended?.error?.code).toBe("run.timed_out");
    run.clock.now += 1000;
    redrive(run.ledger, {});
    expect(nextSweepAt(run.ledger)).toBeGreaterThan(run.clock.now);
    run.run("a");
    expect(run.ledger.state?.ended?.status).toBe("succeeded");
  });

  it("asks before it repeats the effect of a once step", () => {
    const run = play(planOf([{ name: "a", effects: "once" }], []));
    run.end(run.take("a"), failed());
    expect(redrive(run.ledger, {})).toEqual({ kind: "needs_confirm" });
    expect(redrive(run.ledger, { dryRun: true })).toEqual({ kind: "planned", steps: ["a"], kept: 0 });
    expect(redrive(run.ledger, { confirm: true })).toMatchObject({ kind: "redriven" });
  });

  it("waits for the end of the run", () => {
    expect(redrive(play(diamond).ledger, {})).toEqual({ kind: "going" });
  });
});
