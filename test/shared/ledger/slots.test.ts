import { describe, expect, it } from "vitest";
import { cancel, redrive } from "../../../shared/ledger/control.ts";
import { slot, slotOfRun } from "../../../shared/ledger/slots.ts";
import { nextSweepAt, sweep } from "../../../shared/ledger/sweep.ts";
import { view } from "../../../shared/ledger/view.ts";
import type { Outcome } from "../../../shared/run-api.ts";
import { planOf } from "../../simulation/graphs.ts";
import { failed, type Play, play, succeeded, T0 } from "./play.ts";

const LIMIT = { key: "k", limit: 1 };
const limited = planOf([{ name: "a", concurrency: LIMIT, mayPause: true, waitMs: 60_000 }], []);
const queued = (dueAt: number): Outcome["result"] => ({ kind: "paused", reason: "concurrency", dueAt, note: "behind others" });
const waiting = ({ ledger }: Play) => view(ledger, { offset: 0, limit: 0 })?.waiting.map(({ node, reason, note }) => [node, reason, note]);

describe("a step that waits for a slot", () => {
  it("spends no attempt, does not expire, and is leased durably though it is pure", () => {
    const run = play(limited);
    const assignment = run.take("a");
    expect(run.status("a")).toBe("running");
    run.end(assignment, queued(T0 + 600_000));
    run.clock.now += 500_000; // longer than the wait of the node
    expect([sweep(run.ledger).hints, run.status("a"), waiting(run)]).toEqual([[], "waiting", [["a", "concurrency", "behind others"]]]);
    expect(nextSweepAt(run.ledger)).toBe(T0 + 600_000);
    run.clock.now = T0 + 600_000;
    expect(run.take("a")).toMatchObject({ attempt: 1, pauses: 0, resume: null });
  });

  it("is woken once, also over an eviction, and then hinted until it comes", () => {
    const run = play(limited);
    run.end(run.take("a"), queued(T0 + 600_000));
    const after = run.reopen();
    expect(slot(after.ledger, "a", null)).toMatchObject({ isGoing: true, hints: [{ hint: { step: "a" } }] });
    expect([slot(after.ledger, "a", null), after.status("a"), waiting(after)]).toEqual([{ isGoing: true, hints: [] }, "ready", []]);
    after.run("a");
    expect(slot(after.ledger, "a", null)).toEqual({ isGoing: false, hints: [] });
  });

  it("that waits for somebody else by now does not want the slot", () => {
    const run = play(limited);
    run.end(run.take("a"), { kind: "paused", reason: "callback" });
    expect([slot(run.ledger, "a", null), slot(run.ledger, "nobody", null)]).toEqual([
      { isGoing: false, hints: [] },
      { isGoing: false, hints: [] },
    ]);
  });

  it("keeps the pause that it goes on from", () => {
    const run = play(limited);
    run.end(run.take("a"), { kind: "paused", reason: "timer", dueAt: T0 + 1000, waitMs: 1000 });
    run.clock.now += 1000;
    run.end(run.take("a"), queued(T0 + 9000));
    slot(run.ledger, "a", null);
    expect(run.take("a")).toMatchObject({ pauses: 1, resume: { kind: "due", since: T0 } });
  });

  it("has its slot as long as nobody else has its lease", () => {
    const run = play(limited);
    const first = run.take("a");
    run.clock.now += 60_000; // its lease is over, but its outcome would count
    expect([slot(run.ledger, "a", first.lease).isGoing, slot(run.ledger, "a", first.lease - 1).isGoing]).toEqual([true, false]);
    const second = run.take("a");
    expect([slot(run.ledger, "a", first.lease).isGoing, slot(run.ledger, "a", second.lease).isGoing]).toEqual([false, true]);
    run.end(second, succeeded(second));
    expect(slot(run.ledger, "a", second.lease).isGoing).toBe(false);
  });
});

const whole = planOf([{ name: "a" }, { name: "b" }], [{ from: "a", to: "b" }], { concurrency: LIMIT });
const PROLOGUE = "$concurrency";
function takeSlot(run: Play): number {
  const assignment = run.take(PROLOGUE);
  const data = { key: "k", limit: 1, lease: assignment.lease };
  run.end(assignment, { kind: "succeeded", output: { json: JSON.stringify({ success: true, data }) }, taken: [] });
  return assignment.lease;
}

describe("a run with a concurrency", () => {
  it("begins when it has its slot, and has it until it ends", () => {
    const run = play(whole);
    expect([run.status("a"), run.status(PROLOGUE)]).toEqual([undefined, "ready"]);
    const lease = takeSlot(run);
    expect([run.status("a"), slot(run.ledger, PROLOGUE, lease).isGoing, slotOfRun(run.reopen().ledger)]).toEqual([
      "ready",
      true,
      { key: "k", limit: 1, lease },
    ]);
    run.run("a");
    run.run("b");
    expect([run.ledger.state?.ended?.status, slot(run.ledger, PROLOGUE, lease).isGoing]).toEqual(["succeeded", false]);
  });

  it("that is redriven begins again when it has a slot again, also if it was ended before it got one", () => {
    const run = play(whole);
    takeSlot(run);
    run.run("a");
    run.end(run.take("b"), failed());
    expect(redrive(run.ledger, {})).toMatchObject({ kind: "redriven", steps: ["b"] });
    expect([run.status("b"), run.status(PROLOGUE)]).toEqual([undefined, "ready"]);
    cancel(run.ledger, "enough");
    expect(redrive(run.ledger, {})).toMatchObject({ kind: "redriven", steps: [PROLOGUE] });
    const after = run.reopen();
    takeSlot(after);
    expect([after.status("a"), after.status("b")]).toEqual(["succeeded", "ready"]);
    after.run("b");
    expect(after.ledger.state?.ended?.status).toBe("succeeded");
  });

  it("that is cancelled before it got its slot begins from its start when it is redriven", () => {
    const run = play(whole);
    run.end(run.take(PROLOGUE), queued(T0 + 600_000));
    cancel(run.ledger, "enough");
    expect(redrive(run.ledger, {})).toMatchObject({ kind: "redriven", steps: [PROLOGUE] });
    takeSlot(run);
    expect(run.status("a")).toBe("ready");
  });
});
