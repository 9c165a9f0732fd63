import { describe, expect, it } from "vitest";
import { cancel, redrive } from "../../../shared/ledger/control.ts";
import { finishErrand, holds, nextErrandAt, notify, takeErrands, watch } from "../../../shared/ledger/kin.ts";
import { nextSweepAt, sweep } from "../../../shared/ledger/sweep.ts";
import { view } from "../../../shared/ledger/view.ts";
import type { Awaited, Origin } from "../../../shared/model/log.ts";
import type { Errand, Notice } from "../../../shared/errand.ts";
import type { Outcome } from "../../../shared/run-api.ts";
import { planOf } from "../../simulation/graphs.ts";
import { type Play, play, T0 } from "./play.ts";

const plan = planOf([{ name: "a", effects: "idempotent", mayPause: true, waitMs: 60_000 }], []);
const OWNED: Origin = { kind: "run", depth: 1, parentRunId: "parent", owner: { step: "call", generation: 0 } };

const waitsFor = (ids: readonly string[], more: Partial<Awaited> = {}): Outcome["result"] => ({
  kind: "paused",
  reason: "child_runs",
  awaited: { runs: ids.map((runId) => ({ runId, life: 0 })), wanted: ids.length, ...more },
});
const endOf = (runId: string, more: Partial<Notice> = {}): Notice => ({
  step: "a",
  generation: 0,
  run: { runId, life: 0 },
  failed: false,
  ...more,
});
const rowsOf = ({ ledger }: Play) => ledger.deps.store.read(0, 1000).map(({ event }) => event.type);
const tell = (run: Play, ...notices: readonly Notice[]) => notify(run.ledger, notices).map(({ hint }) => hint.step);
/** Takes what is due; gives the kinds and whom it is for. */
const errands = ({ ledger }: Play) => takeErrands(ledger).map(({ kind, runId }) => [kind, runId]);
const finishAll = (run: Play, taken: readonly Errand[]) => {
  for (const errand of taken) finishErrand(run.ledger, errand, "done");
};

describe("a step that waits for runs", () => {
  it("goes on when so many as it wants have ended, and hears of each end once", () => {
    const run = play(plan);
    run.end(run.take("a"), waitsFor(["x", "y", "z"], { wanted: 2 }));
    expect([tell(run, endOf("x")), tell(run, endOf("x")), run.status("a")]).toEqual([[], [], "waiting"]);
    expect([tell(run, endOf("z"), endOf("z")), run.status("a")]).toEqual([["a"], "ready"]);
    expect(rowsOf(run)).toEqual(["run.started", "step.leased", "step.paused", "step.notified", "step.notified"]);
    expect(run.reopen().take("a").resume).toEqual({ kind: "due", since: T0 });
  });

  it("goes on at the first failure if it wants to", () => {
    const run = play(plan);
    run.end(run.take("a"), waitsFor(["x", "y"], { stopsAtFailure: true }));
    expect([tell(run, endOf("x", { failed: true })), run.status("a")]).toEqual([["a"], "ready"]);
  });

  it("keeps a notice that is quicker than its pause", () => {
    const run = play(plan);
    const assignment = run.take("a");
    expect(tell(run, endOf("x"))).toEqual([]);
    const evicted = run.reopen();
    evicted.end(assignment, waitsFor(["x"]));
    expect(evicted.status("a")).toBe("ready");
  });

  it("is not concerned by the end of a life before the one that it waits for", () => {
    const run = play(plan);
    run.end(run.take("a"), waitsFor([], { runs: [{ runId: "x", life: 1 }], wanted: 1 }));
    expect([tell(run, endOf("x")), run.status("a")]).toEqual([[], "waiting"]);
    expect(tell(run, endOf("x", { run: { runId: "x", life: 2 } }))).toEqual(["a"]);
  });

  it("of another generation, or one that is over, is told nothing", () => {
    const run = play(plan);
    expect(tell(run, endOf("x", { generation: 1 }), endOf("x", { step: "nobody" }))).toEqual([]);
    run.run("a");
    expect(tell(run, endOf("x"))).toEqual([]);
    expect(rowsOf(run)).toEqual(["run.started", "step.leased", "step.succeeded", "run.ended"]);
  });

  it("fails when its wait is over, and does not when the runs ended just before", () => {
    const run = play(plan);
    run.end(run.take("a"), waitsFor(["x"]));
    const quick = run.reopen();
    quick.clock.now += 60_000;
    sweep(quick.ledger);
    expect([quick.status("a"), quick.ledger.state?.steps.get("a")?.error?.code]).toEqual(["failed", "wait.expired"]);

    const other = play(plan);
    other.end(other.take("a"), waitsFor(["x"]));
    other.clock.now += 59_999;
    tell(other, endOf("x"));
    other.clock.now += 60_000;
    sweep(other.ledger);
    expect(other.status("a")).toBe("ready");
  });

  it("says which runs it still waits for, and the trace names all of them", () => {
    const run = play(plan);
    run.end(run.take("a"), waitsFor(["x", "y"]));
    tell(run, endOf("x"));
    const shown = view(run.ledger, { offset: 0, limit: 5 });
    expect([shown?.waiting[0]?.childRuns, shown?.steps[0]?.childRuns, shown?.origin.parentRunId]).toEqual([["y"], ["x", "y"], undefined]);
    expect(shown?.steps[0]?.events.slice(-1)).toMatchObject([{ type: "step.notified", detail: { run_id: "x", failed: false } }]);
  });
});

describe("a step that is over", () => {
  it("has the runs cancelled that it owns and that go on, however it came to its end", () => {
    const cancelled = play(plan);
    cancelled.end(cancelled.take("a"), waitsFor(["x", "y"], { isOwner: true }));
    tell(cancelled, endOf("x"));
    cancel(cancelled.ledger, undefined);
    expect(errands(cancelled.reopen())).toEqual([["cancel", "y"]]);

    const expired = play(plan);
    expired.end(expired.take("a"), waitsFor(["x"], { isOwner: true }));
    expired.clock.now += 60_000;
    sweep(expired.ledger);
    expect(errands(expired)).toEqual([["cancel", "x"]]);
  });

  it("leaves those alone that it only waited for", () => {
    const run = play(plan);
    run.end(run.take("a"), waitsFor(["x"]));
    cancel(run.ledger, undefined);
    expect(errands(run)).toEqual([]);
  });

  it("has them cancelled, too, when it was held and a person lets it run again", () => {
    const run = play(planOf([{ name: "a", effects: "once", onUnknown: "hold", mayPause: true }], []));
    run.end(run.take("a"), waitsFor(["x", "y"], { wanted: 1, isOwner: true }));
    tell(run, endOf("x"));
    run.take("a");
    const crashed = run.reopen("boot-2");
    expect(() => crashed.take("a")).toThrow("not_ready");
    expect(crashed.status("a")).toBe("unknown");
    expect(redrive(crashed.ledger, { confirm: true })).toMatchObject({ kind: "redriven" });
    expect([errands(crashed), crashed.ledger.state?.kin.life]).toEqual([[["cancel", "y"]], 0]);
  });
});

describe("a run that is waited for", () => {
  it("logs each watcher once, and tells all of them of its end in few errands", () => {
    const run = play(plan);
    const watchers = Array.from({ length: 150 }, (_, index) => ({ runId: "p", step: `s[${index}]`, generation: 0 }));
    for (const watcher of [...watchers, ...watchers, { runId: "q", step: "s", generation: 0 }])
      expect(watch(run.ledger, watcher)).toMatchObject({ life: 0 });
    run.run("a");
    expect(watch(run.ledger, { runId: "late", step: "s", generation: 0 })).toEqual({ status: "succeeded", life: 0 });
    const told = takeErrands(run.ledger).map((errand) => [errand.runId, errand.kind === "tell" ? errand.notices.length : 0]);
    expect(told).toEqual([
      ["p", 100],
      ["p", 50],
      ["q", 1],
    ]);
    expect(rowsOf(run).filter((type) => type === "run.watched")).toHaveLength(151);
  });

  it("says it again, ever more seldom, until it was heard; and the alarm stands behind it from the first moment", () => {
    const run = play(plan, OWNED);
    run.run("a");
    expect(nextSweepAt(run.reopen().ledger)).toBeLessThanOrEqual(T0);
    const times: number[] = [];
    let taken: readonly Errand[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      run.clock.now = Math.max(run.clock.now, nextErrandAt(run.ledger));
      times.push(run.clock.now - T0);
      taken = takeErrands(run.ledger);
      expect(taken).toHaveLength(1);
    }
    expect(times).toEqual([0, 3000, 9000, 21_000]);
    finishAll(run, taken);
    expect([takeErrands(run.ledger), nextErrandAt(run.ledger)]).toEqual([[], Number.POSITIVE_INFINITY]);
  });

  it("says it again at once when the clock has gone back, and tells the index no later than ever", () => {
    const run = play(plan, OWNED);
    run.run("a");
    expect(takeErrands(run.ledger)).toHaveLength(1);
    run.clock.now -= 7_200_000;
    expect([nextErrandAt(run.ledger), nextSweepAt(run.reopen().ledger)]).toEqual([
      run.clock.now,
      expect.toSatisfy((at) => at <= run.clock.now + 3000),
    ]);
    expect(takeErrands(run.ledger)).toHaveLength(1);
    expect(nextErrandAt(run.ledger)).toBe(run.clock.now + 6000);
  });

  it("has few errands under way at once, and begins the next when one comes back", () => {
    const run = play(plan);
    for (let index = 0; index < 20; index += 1) watch(run.ledger, { runId: `p${index}`, step: "s", generation: 0 });
    run.run("a");
    const first = takeErrands(run.ledger);
    expect([first.length, takeErrands(run.ledger).length, nextErrandAt(run.ledger) - T0]).toEqual([16, 0, 3000]);
    finishAll(run, first);
    expect(takeErrands(run.ledger)).toHaveLength(4);
  });

  it("tells of each end anew", () => {
    const run = play(plan, OWNED);
    cancel(run.ledger, undefined);
    finishAll(run, takeErrands(run.ledger));
    redrive(run.ledger, {});
    run.run("a");
    expect(takeErrands(run.ledger)).toMatchObject([
      { kind: "tell", runId: "parent", notices: [{ step: "call", generation: 0, run: { runId: "r", life: 1 }, failed: false }] },
    ]);
  });
});

describe("a run that a step owns", () => {
  it("asks once whether it is held", () => {
    const run = play(plan, OWNED);
    expect([errands(run), nextErrandAt(run.ledger) - T0]).toEqual([[], 3000]);
    run.clock.now += 3000;
    const [ask] = takeErrands(run.ledger);
    expect(ask).toEqual({ key: "ask", kind: "ask", runId: "parent", step: { step: "call", generation: 0 }, asker: "r" });
    if (ask) finishErrand(run.ledger, ask, "held");
    expect(nextErrandAt(run.ledger)).toBe(Number.POSITIVE_INFINITY);
  });

  it("asks again while nobody knows, and cancels itself when its step is over", () => {
    const run = play(plan, OWNED);
    run.clock.now += 3000;
    const [ask] = takeErrands(run.ledger);
    if (ask === undefined) throw new Error("it did not ask");
    finishErrand(run.ledger, ask, "unclear");
    expect(nextErrandAt(run.ledger) - T0).toBe(6000);
    finishErrand(run.ledger, ask, "gone");
    expect(run.ledger.state?.ended?.status).toBe("cancelled");
  });

  it("is cancelled in the life that is meant, and in no other", () => {
    const run = play(plan, OWNED);
    cancel(run.ledger, "first", 0);
    redrive(run.ledger, {});
    expect([cancel(run.ledger, "late", 0), run.status("a")]).toEqual([{ kind: "terminal" }, "ready"]);
    expect(cancel(run.ledger, "now", 1)).toMatchObject({ kind: "cancelled" });
  });

  it("is told what its parent knows of it", () => {
    const parent = play(plan);
    const step = { step: "a", generation: 0 };
    expect(holds(parent.ledger, step, "x")).toBe("unclear");
    parent.end(parent.take("a"), waitsFor(["x"], { isOwner: true }));
    expect([
      holds(parent.ledger, step, "x"),
      holds(parent.ledger, step, "y"),
      holds(parent.ledger, { ...step, generation: 1 }, "x"),
    ]).toEqual(["held", "unclear", "gone"]);
    cancel(parent.ledger, undefined);
    expect(holds(parent.ledger, step, "x")).toBe("gone");
  });
});
