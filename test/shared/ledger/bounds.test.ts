/** What leaves a run object fits into one answer between Workers, however much the run holds. */
import { describe, expect, it } from "vitest";
import { claim } from "../../../shared/ledger/claim.ts";
import { redrive } from "../../../shared/ledger/control.ts";
import { view } from "../../../shared/ledger/view.ts";
import type { Plan } from "../../../shared/model/plan.ts";
import { planOf } from "../../simulation/graphs.ts";
import { play, T0 } from "./play.ts";

const MIB = 1024 * 1024;
const NAMES = Array.from({ length: 20 }, (_, i) => `n${i}`);
const big = { json: JSON.stringify({ success: true, data: "x".repeat(MIB) }) };

/** Twenty nodes beside one another, each with an output of 1 MiB that lies in the log; `last` reads them all. */
function full(names: readonly string[]): ReturnType<typeof play> {
  const plan = planOf(
    [...NAMES, "last"].map((name) => ({ name })),
    NAMES.map((from) => ({ from, to: "last" })),
  );
  const vertices = plan.vertices.map((vertex) =>
    vertex.node === "last" ? { ...vertex, needs: { input: false, context: false, nodes: names } } : vertex,
  );
  const run = play({ ...plan, vertices });
  for (const name of NAMES) {
    const assignment = run.take(name);
    run.end(assignment, { kind: "succeeded", output: big, taken: assignment.vertex.outgoing });
  }
  return run;
}

describe("A claim", () => {
  it("hands out small values as long as they fit together", () => {
    expect(full(NAMES.slice(0, 15)).take("last").scope.nodes).toHaveLength(15);
  });

  it("fails the step that reads more than fits, and the run ends", () => {
    const run = full(NAMES);
    expect(claim(run.ledger, ["last"])).toEqual([{ kind: "skip", step: "last", why: "done" }]);
    const ended = run.ledger.state?.ended;
    expect([run.status("last"), ended?.status, ended?.error?.code]).toEqual(["failed", "failed", "part.input_too_large"]);
  });
});

describe("A view", () => {
  it("gives the steps page by page, none twice and none left out", () => {
    const { ledger } = full(NAMES);
    const seen: string[] = [];
    for (let offset: number | null = 0; offset !== null;) {
      const page = view(ledger, { offset, limit: 200 });
      expect(JSON.stringify(page?.steps).length).toBeLessThan(12 * MIB);
      seen.push(...(page?.steps ?? []).map(({ key }) => key));
      offset = page?.nextOffset ?? null;
    }
    expect(seen.toSorted()).toEqual([...NAMES, "last"].toSorted());
  });

  it("tells of outputs that are too large together only how large they are", () => {
    const plan = planOf(
      NAMES.map((name) => ({ name })),
      [],
    );
    const run = play(plan);
    for (const name of NAMES) run.end(run.take(name), { kind: "succeeded", output: big, taken: [] });
    const nodes = NAMES.map((node) => ({ node, items: 1, bytes: big.json.length }));
    expect(view(run.ledger, { offset: 0, limit: 0 })?.output).toEqual({ kind: "too_large", nodes });
  });
});

describe("A redrive", () => {
  const failed = (): ReturnType<typeof play> => {
    const plan: Plan = planOf([{ name: "a" }], []);
    const run = play(plan);
    run.end(run.take("a"), { kind: "failed", error: { code: "x.y", message: "no", retryable: false } });
    return run;
  };

  it("begins a run again that failed, but none that is about to be deleted", () => {
    expect(redrive(failed().ledger, {}).kind).toBe("redriven");
    const old = failed();
    old.clock.now = T0 + 31 * 86_400_000;
    expect(redrive(old.ledger, {}).kind).toBe("unknown");
  });
});
