import { describe, expect, it } from "vitest";
import { answer } from "../../../shared/ledger/control.ts";
import { nextSweepAt, sweep } from "../../../shared/ledger/sweep.ts";
import type { Outcome } from "../../../shared/run-api.ts";
import { planOf } from "../../simulation/graphs.ts";
import { type Play, play, succeeded, T0 } from "./play.ts";

const plan = planOf([{ name: "a", effects: "idempotent", mayPause: true, waitMs: 60_000 }], []);
const paused = (more: { readonly dueAt?: number } = {}): Outcome["result"] => ({
  kind: "paused",
  reason: "callback",
  taskId: "task-1",
  ...more,
});
const tell = ({ ledger }: Play, wait: number, digest: string) =>
  answer(ledger, { ref: { step: "a", generation: 0, wait } }, { success: true, data: { json: "{}" }, digest }, {}).kind;

describe("an answer", () => {
  it("makes the step go on, once; the same again is the same, another is a conflict", () => {
    const run = play(plan);
    run.end(run.take("a"), paused());
    expect([tell(run, 0, "x"), tell(run, 0, "x"), tell(run, 0, "y")]).toEqual(["accepted", "same", "conflict"]);
    expect(run.take("a")).toMatchObject({ wait: 1, resume: { kind: "answered", answer: { digest: "x" } } });
  });

  it("that is quicker than the pause is kept for it, also over a crash", () => {
    const run = play(plan);
    const assignment = run.take("a");
    expect(tell(run, 0, "x")).toBe("accepted");
    const evicted = run.reopen();
    evicted.end(assignment, paused());
    expect(evicted.status("a")).toBe("ready");
    expect(evicted.take("a").resume).toMatchObject({ kind: "answered", answer: { digest: "x" } });
  });

  it("for an earlier wait does not answer a later one", () => {
    const run = play(plan);
    run.end(run.take("a"), paused({ dueAt: T0 + 1000 }));
    run.clock.now += 1000;
    run.end(run.take("a"), paused());
    expect([tell(run, 0, "x"), run.status("a"), tell(run, 1, "x")]).toEqual(["expired", "waiting", "accepted"]);
  });

  it.each(["idempotent", "pure"] as const)(
    "for a wait from which a %s runner goes on already is too late and disturbs nothing",
    (effects) => {
      const run = play(planOf([{ name: "a", effects, mayPause: true }], []));
      run.end(run.take("a"), paused({ dueAt: T0 + 1000 }));
      run.clock.now += 1000;
      const resumed = run.take("a");
      expect(resumed.resume).toEqual({ kind: "due", since: T0 });
      expect(tell(run, 0, "x")).toBe("expired");
      expect(() => run.take("a")).toThrow("leased");
      expect(run.end(resumed, succeeded(resumed))).toBe(0);
    },
  );

  it("after the wait is over is refused, before and after the alarm has found out", () => {
    const run = play(plan);
    run.end(run.take("a"), paused());
    run.clock.now = nextSweepAt(run.ledger);
    expect(run.clock.now).toBe(T0 + 60_000);
    expect(tell(run, 0, "x")).toBe("expired");
    expect(sweep(run.ledger).deadLetters).toMatchObject([{ step: "a", error: { code: "wait.expired" } }]);
    expect([tell(run, 0, "x"), run.ledger.state?.ended?.error?.code]).toEqual(["expired", "wait.expired"]);
  });
});
