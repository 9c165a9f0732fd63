/** Which steps a runner may execute without having claimed them. */
import { describe, expect, it } from "vitest";
import { cancel, redrive } from "../../../shared/ledger/control.ts";
import { settle } from "../../../shared/ledger/settle.ts";
import { nextInLine } from "../../../shared/line.ts";
import type { Assignment, Outcome } from "../../../shared/run-api.ts";
import { type EdgeSpec, type NodeSpec, planOf } from "../../simulation/graphs.ts";
import { play, T0 } from "./play.ts";

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

  it("ends before what may still see more when it is ready: another ancestor goes on", () => {
    const nodes: readonly NodeSpec[] = [{ name: "x" }, { name: "y" }, { name: "a", join: { kind: "any" } }, { name: "b" }];
    const run = play(planOf(nodes, [...["x", "y"].map((from) => ({ from, to: "a" })), { from: "a", to: "b" }]));
    run.run("x");
    expect(run.take("a").line).toBeUndefined();
    run.run("y");
    expect(
      run
        .reopen()
        .take("a")
        .line?.map(({ step }) => step),
    ).toEqual(["b"]);
  });

  it("ends before what would make the call too large by its references", () => {
    const names = ["a", "b", "c", ...Array.from({ length: 150 }, (_, i) => `n${i}`), "y", "z"];
    const run = play(
      planOf(
        names.map((name) => ({ name })),
        chainOf(names),
      ),
    );
    for (const name of names.slice(0, -2)) {
      const step = run.take(name);
      const taken = step.edges.map(({ id }) => id);
      run.end(step, { kind: "succeeded", output: { sha256: "0".repeat(64), bytes: 100_000 }, taken });
    }
    expect(run.take("y").line).toBeUndefined();
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
    const second = nextInLine(first, success(first), T0 + 7);
    const third = second && nextInLine(second, success(second), T0 + 6); // the clock of another machine
    const nodes = ["a", "b"].map((name) => ({ name, value: { json: `"${name}"` } }));
    expect([second?.step, second?.scope.nodes, second?.now]).toEqual(["b", nodes.slice(0, 1), T0 + 7]);
    expect([third?.step, third?.scope.nodes, third?.now, third?.line?.length]).toEqual(["c", nodes, T0 + 7, 1]);
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

describe("A step of a line that somebody has executed, but not settled", () => {
  const planFor = (names: readonly string[], special: Partial<Record<string, Partial<NodeSpec>>> = {}) =>
    planOf(
      names.map((name) => ({ name, ...special[name] })),
      chainOf(names),
    );
  /** The first and those after it, each with what it saw. */
  function executed(first: Assignment, answers: readonly string[]): readonly Outcome[] {
    const [answer = "", ...rest] = answers;
    const outcome = success(first, `"${answer}"`);
    const next = rest.length === 0 ? undefined : nextInLine(first, outcome, T0);
    return next === undefined ? [outcome] : [outcome, ...executed(next, rest).map((one) => ({ ...one, follows: true as const }))];
  }
  const answerOf = ({ ledger }: ReturnType<typeof play>, key: string) => {
    const event = ledger.deps.store.row(ledger.state?.steps.get(key)?.outputSeq ?? 0)?.event;
    return event !== undefined && "output" in event ? event.output : undefined;
  };

  it("does not count when somebody else has answered what it saw", () => {
    const run = play(planFor(NAMES));
    const zombie = executed(run.take("a"), ["a", "b of one", "c after one"]);
    const other = run.reopen(); // the lease is gone
    expect(settle(other.ledger, executed(other.take("a"), ["a", "b of another"])).refused).toBe(0);
    expect(settle(other.ledger, zombie).refused).toBe(3);
    expect([answerOf(other, "b"), other.status("c")]).toEqual([{ json: '"b of another"' }, "ready"]);
  });

  it("does not count when what it saw was redriven, though it was never there itself", () => {
    const run = play(planFor(["u", "a", "b"], { u: { effects: "idempotent" } }));
    run.run("u");
    const zombie = executed(run.take("a"), ["a of old", "b of old"]);
    cancel(run.ledger, undefined);
    expect(redrive(run.ledger, { nodes: ["u"], confirm: true }).kind).toBe("redriven");
    for (const key of ["u", "a"]) run.run(key);
    expect([settle(run.ledger, zombie).refused, run.status("b")]).toEqual([2, "ready"]);
  });

  it("does not count in a newer version of the workflow", () => {
    const run = play(planFor(NAMES));
    const zombie = executed(run.take("a"), ["a", "b", "c of old"]);
    cancel(run.ledger, undefined);
    const plan = { ...planFor(["z", ...NAMES]), version: "1".repeat(64) };
    redrive(run.ledger, { newPlan: { plan, digests: {}, taken: plan.vertices[0]?.outgoing ?? [] }, confirm: true });
    for (const key of ["z", "a", "b"]) run.run(key);
    expect([settle(run.ledger, zombie).refused, run.status("c")]).toEqual([3, "ready"]);
    for (const key of ["c", "d"]) run.run(key);
    expect(run.ledger.state?.ended?.status).toBe("succeeded");
  });
});
