import { expect, it } from "vitest";
import { redrive } from "../../../shared/ledger/control.ts";
import type { Plan } from "../../../shared/model/plan.ts";
import { compile, set } from "../../support/definitions.ts";
import { failed, play } from "./play.ts";

/** The start opens two loops: the second one begins when the first one has ended. */
const loopsOver = (first: string, second: string): Plan =>
  compile({
    flow: [
      `input >> FOREACH a IN {{input.${first}}} >> x`,
      "x >> GATHER >> end_of_x",
      `input >> FOREACH b IN {{input.${second}}} >> y`,
      "y >> GATHER >> end_of_y",
    ],
    config: { x: set({ v: "{{a}}" }), end_of_x: set(), y: set({ v: "{{b}}" }), end_of_y: set() },
  });
const items = (loop: number, count: number) => ({ loop, items: Array.from({ length: count }, (_, index) => ({ json: `${index}` })) });

function ended() {
  const run = play(loopsOver("first", "second"), undefined, [items(0, 2), items(1, 1)]);
  for (const key of ["x[0]", "x[1]", "end_of_x", "y[0]", "end_of_y"]) run.run(key);
  expect(run.ledger.state?.ended?.status).toBe("succeeded");
  return run;
}

const onVersion = (plan: Plan, ...counts: readonly number[]) => ({
  newPlan: { plan, digests: {}, taken: plan.vertices[0]?.outgoing ?? [], lists: counts.map((count, loop) => items(loop, count)) },
});

it("a loop of the start that goes through another list begins anew, and so does the one after it", () => {
  const run = ended();
  const reply = redrive(run.ledger, onVersion(loopsOver("other", "second"), 1, 1));
  expect(reply).toMatchObject({ kind: "redriven", steps: ["x[0]", "x[1]", "end_of_x", "y[0]", "end_of_y"] });
  expect([...(run.ledger.state?.live ?? [])].map(({ key }) => key)).toEqual(["x[0]"]);
  for (const key of ["x[0]", "end_of_x", "y[0]", "end_of_y"]) run.reopen().run(key);
  const { state } = run.reopen().ledger;
  expect([state?.ended?.status, [...(state?.steps.keys() ?? [])].sort()]).toEqual([
    "succeeded",
    ["end_of_x", "end_of_y", "input", "x[0]", "y[0]"],
  ]);
});

it("a list of the start that has changed leaves the loop before it alone", () => {
  const run = ended();
  expect(redrive(run.ledger, onVersion(loopsOver("first", "other"), 2, 3))).toMatchObject({
    kind: "redriven",
    steps: ["y[0]", "end_of_y"],
  });
  for (const key of ["y[0]", "y[1]", "y[2]", "end_of_y"]) run.run(key);
  expect(run.ledger.state?.ended?.status).toBe("succeeded");
});

/** The first failure of an item stops the loop. What follows it hangs on all of it. */
const stopping = (workers: readonly string[], tolerate = 0): Plan =>
  compile({
    flow: [
      "input >> ON_SUCCESS >> list",
      "list >> FOREACH a >> first",
      ...workers.map((worker) => `first >> ON_SUCCESS >> ${worker}`),
      "first >> GATHER >> report",
    ],
    config: { list: set(), first: set(), ...Object.fromEntries(workers.map((worker) => [worker, set()])), report: set() },
    policy: { list: { foreach: { concurrency: 1, on_item_failure: "stop", tolerate } } },
  });

function stopped() {
  const run = play(stopping(["bad"]));
  run.end(run.take("list"), { kind: "succeeded", output: { json: '{"success":true}' }, taken: [1], lists: [items(0, 3)] });
  run.run("first[0]");
  run.end(run.take("bad[0]"), failed());
  run.run("report");
  return run;
}

it("a loop that had stopped goes on when another version has no longer what made it stop", () => {
  const run = stopped();
  expect(redrive(run.ledger, onVersion(stopping([])))).toMatchObject({ kind: "redriven", steps: ["bad[0]", "report"] });
  for (const key of ["first[1]", "first[2]", "report"]) run.reopen().run(key);
  const { state } = run.reopen().ledger;
  expect([state?.ended?.status, [...(state?.steps.keys() ?? [])].sort()]).toEqual([
    "succeeded",
    ["first[0]", "first[1]", "first[2]", "input", "list", "report"],
  ]);
});

it("a loop that had stopped goes on when another version tolerates what made it stop, and what follows it runs again", () => {
  const run = stopped();
  expect(redrive(run.ledger, onVersion(stopping(["bad"], 3)))).toMatchObject({ kind: "redriven", steps: ["report"] });
  for (const key of ["first[1]", "bad[1]", "first[2]", "bad[2]", "report"]) run.reopen().run(key);
  const { state } = run.reopen().ledger;
  expect([state?.ended?.status, state?.steps.get("bad[0]")?.status]).toEqual(["succeeded", "failed"]);
});
