import { describe, expect, it } from "vitest";
import { fold } from "../../../shared/model/fold.ts";
import type { LogRow } from "../../../shared/model/log.ts";
import { allRows } from "../../../shared/ledger/ledger.ts";
import { cancel } from "../../../shared/ledger/control.ts";
import { claim } from "../../../shared/ledger/claim.ts";
import { settle } from "../../../shared/ledger/settle.ts";
import { nodeName, planOf } from "../../simulation/graphs.ts";
import { failed, play, succeeded } from "../ledger/play.ts";

const PIPE = { kind: "pipe" } as const;
const FAIL = { kind: "fail" } as const;

describe("the fold", () => {
  it("of nothing is nothing", () => {
    expect(fold([])).toBeUndefined();
  });

  it("refuses a log without a start, and steps that it does not know", () => {
    const row = (seq: number, event: LogRow["event"]): LogRow => ({ seq, at: 0, event });
    expect(() => fold([row(1, { type: "run.cancelled" })])).toThrow("the log begins with run.cancelled");
    const run = play(planOf([{ name: "a" }], []));
    const rows = [...allRows(run.ledger.deps.store)];
    expect(() => fold([...rows, row(2, { type: "step.unknown", step: "z", generation: 0, attempt: 1 })])).toThrow("does not exist: z");
  });

  it("skips a chain of 1,000 nodes at once, without running out of stack", () => {
    const nodes = Array.from({ length: 1000 }, (_, index) => ({ name: nodeName(index) }));
    const edges = nodes.slice(1).map(({ name }, index) => ({ from: nodeName(index), to: name }));
    const run = play(planOf(nodes, edges));
    run.end(run.take("n0"), failed());
    expect(run.status("n999")).toBe("skipped");
    expect(run.ledger.state?.ended?.status).toBe("failed");
  });
});

describe("a run", () => {
  it("succeeds when every failure was taken by an ON_FAIL edge", () => {
    const run = play(planOf([{ name: "a" }, { name: "b" }], [{ from: "a", to: "b", relation: FAIL }]));
    run.end(run.take("a"), failed());
    run.run("b");
    expect(run.ledger.state?.ended).toMatchObject({ status: "succeeded" });
  });

  it("fails with the first unhandled error; PIPE does not handle one", () => {
    const run = play(planOf([{ name: "a" }, { name: "b" }], [{ from: "a", to: "b", relation: PIPE }]));
    run.end(run.take("a"), failed("paper.jam"));
    run.end(run.take("b"), failed("part.failed"));
    expect(run.ledger.state?.ended).toMatchObject({ status: "failed", error: { code: "paper.jam", node: "a" } });
  });

  it("settles several outcomes in one append, and counts what it refuses", () => {
    const run = play(planOf([{ name: "a" }, { name: "b" }], []));
    const outcomes = claim(run.ledger, ["a", "b"]).flatMap((reply) =>
      reply.kind === "execute"
        ? [{ step: reply.step, generation: 0, attempt: 1, lease: reply.lease, startedAt: 0, fuel: 1, result: succeeded(reply) }]
        : [],
    );
    expect(settle(run.ledger, [...outcomes, ...outcomes])).toMatchObject({ refused: 2, summary: { status: "succeeded" } });
    expect([...allRows(run.ledger.deps.store)].map(({ event }) => event.type)).toEqual([
      "run.started",
      "step.succeeded",
      "step.succeeded",
      "run.ended",
    ]);
  });

  it("tries again after a retryable failure, as often as its budget says", () => {
    const run = play(planOf([{ name: "a", retry: { attempts: 2, initialMs: 1000 } }], []));
    run.end(run.take("a"), failed("egress.failed", true));
    expect(claim(run.ledger, ["a"])).toEqual([{ kind: "skip", step: "a", why: "not_ready" }]);
    run.clock.now += 1000;
    const second = run.take("a");
    expect(second.attempt).toBe(2);
    run.end(second, failed("egress.failed", true));
    expect(run.status("a")).toBe("failed");
  });

  it("calls back after its end, and that changes nothing of how it ended", () => {
    const run = play(planOf([{ name: "a" }], [], { finalCallback: "https://example.com/done" }));
    run.run("a");
    const callback = run.take("$final_callback");
    expect(callback.ending).toMatchObject({ status: "succeeded", url: "https://example.com/done" });
    run.end(callback, failed());
    expect([run.status("$final_callback"), run.ledger.state?.ended?.status]).toEqual(["failed", "succeeded"]);
  });

  it("accepts nothing after it was cancelled", () => {
    const run = play(planOf([{ name: "a" }], []));
    const late = run.take("a");
    cancel(run.ledger, "enough");
    expect(run.end(late, succeeded(late))).toBe(1);
    expect(cancel(run.ledger, "again")).toEqual({ kind: "terminal" });
    expect(run.status("a")).toBe("cancelled");
  });
});
