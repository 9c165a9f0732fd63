/** Which steps a runner may execute without having claimed them. */
import { describe, expect, it } from "vitest";
import { settle } from "../../../shared/ledger/settle.ts";
import { nextInLine } from "../../../shared/line.ts";
import type { Assignment, Outcome } from "../../../shared/run-api.ts";
import { type EdgeSpec, type NodeSpec, planOf } from "../../simulation/graphs.ts";
import { play } from "./play.ts";

const NAMES = ["a", "b", "c", "d"];
const chainOf = (names: readonly string[]): readonly EdgeSpec[] => names.slice(1).map((to, i) => ({ from: names[i] ?? "", to }));

/** The line that comes with the claim of `a`. */
function lineOf(special: Partial<Record<string, Partial<NodeSpec>>> = {}, more: readonly EdgeSpec[] = [], names = NAMES) {
  const nodes = [...new Set([...names, ...more.map(({ to }) => to)])].map((name) => ({ name, ...special[name] }));
  const run = play(planOf(nodes, [...chainOf(names), ...more]));
  const first = run.take("a");
  return { run, first, line: (first.line ?? []).map(({ step }) => step) };
}

describe("The line that is handed out with a step", () => {
  it.each<[string, Parameters<typeof lineOf>, readonly string[]]>([
    ["has all that follow one after the other", [], ["b", "c", "d"]],
    ["begins with a pure step only", [{ a: { effects: "idempotent" } }], []],
    ["ends before a step that the world notices", [{ c: { effects: "once" } }], ["b"]],
    ["ends before a step that may pause", [{ c: { mayPause: true } }], ["b"]],
    ["ends before a step that waits for a slot", [{ c: { concurrency: { key: "k", limit: 1 } } }], ["b"]],
    ["ends before a step that begins later", [{ c: { delayMs: 5 } }], ["b"]],
    ["ends before a join", [{}, [{ from: "a", to: "c" }]], []],
    ["ends where two ways lead on", [{}, [{ from: "b", to: "e" }]], ["b"]],
    ["passes what a failure would lead to", [{}, [{ from: "b", to: "e", relation: { kind: "fail" } }]], ["b", "c", "d"]],
  ])("%s", (_, args, expected) => {
    expect(lineOf(...args).line).toEqual(expected);
  });

  it("ends before what would make the call too large: a hundred items may each have one", () => {
    const plan = planOf(
      NAMES.map((name) => ({ name })),
      chainOf(NAMES),
    );
    const vertices = plan.vertices.map((vertex) => (vertex.key === "c" ? { ...vertex, config: { text: "x".repeat(16_384) } } : vertex));
    const first = play({ ...plan, vertices }).take("a");
    expect(first.line?.map(({ step }) => step)).toEqual(["b"]);
  });

  it("is not longer than a runner may lose", () => {
    const names = ["a", ...Array.from({ length: 40 }, (_, i) => `n${i}`)];
    expect(lineOf({}, [], names).line).toEqual(names.slice(1, 16));
  });
});

const success = ({ step, generation, attempt, lease, edges }: Assignment, json = `"${step}"`): Outcome => ({
  step,
  generation,
  attempt,
  lease,
  startedAt: 0,
  fuel: 1,
  result: { kind: "succeeded", output: { json }, taken: edges.map(({ id }) => id) },
});

describe("The next of a line", () => {
  it("sees what the one before it answered, in its place", () => {
    const { first } = lineOf();
    const second = nextInLine(first, success(first), 7);
    const third = second && nextInLine(second, success(second), 8);
    expect([second?.step, second?.scope.nodes, second?.now]).toEqual(["b", [{ name: "a", value: { json: '"a"' } }], 7]);
    expect([third?.step, third?.scope.nodes, third?.line?.length]).toEqual(["c", [{ name: "b", value: { json: '"b"' } }], 1]);
  });

  it.each<[string, (first: Assignment) => Outcome["result"]]>([
    ["failed", () => ({ kind: "failed", error: { code: "x", message: "m", retryable: false } })],
    ["led elsewhere", () => ({ kind: "succeeded", output: { json: "1" }, taken: [] })],
    [
      "answered more than lies in a row",
      ({ edges }) => ({ kind: "succeeded", output: { sha256: "0", bytes: 1 }, taken: edges.map(({ id }) => id) }),
    ],
  ])("is none when the one before it %s", (_, resultOf) => {
    const { first } = lineOf();
    expect(nextInLine(first, { ...success(first), result: resultOf(first) }, 7)).toBeUndefined();
  });

  it("counts for nothing if the one before it does not count", () => {
    const { run, first } = lineOf();
    const second = nextInLine(first, success(first), 7);
    if (second === undefined) throw new Error("there is no next one");
    expect(settle(run.ledger, [success(second)]).refused).toBe(1);
    expect(settle(run.ledger, [success(first), success(second)]).refused).toBe(0);
    expect(settle(run.ledger, [success(first), success(second)]).refused).toBe(2);
  });
});
