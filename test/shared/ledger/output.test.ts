import { expect, it } from "vitest";
import { view } from "../../../shared/ledger/view.ts";
import { compile, set } from "../../support/definitions.ts";
import { play } from "./play.ts";

const LOOP = ["input >> FOREACH item IN {{input.list}} >> look", "look >> WHEN(item > 1) >> work"];
const list = { loop: 0, items: [{ json: "1" }, { json: "2" }] };

/** Only the second item gets as far as `work`. */
function outputOf(flow: readonly string[], ...after: readonly string[]) {
  const config = Object.fromEntries(["look", "work", ...after].map((node) => [node, set()]));
  const run = play(compile({ flow, config }), undefined, [list]);
  for (const key of ["look[0]", "look[1]", "work[1]", ...after]) {
    const assignment = run.take(key);
    const taken = key === "look[0]" ? [] : assignment.edges.map(({ id }) => id);
    run.end(assignment, { kind: "succeeded", output: { json: JSON.stringify(key) }, taken });
  }
  return view(run.ledger, { offset: 0, limit: 0 })?.output;
}

it("the output of a run whose loop is gathered is that of what follows, whatever became of the items", () => {
  expect(outputOf([...LOOP, "work >> GATHER >> report"], "report")).toEqual({ kind: "one", output: { json: '"report"' } });
});

it("the output of a run whose loop is not gathered is that of the nodes that ended its items", () => {
  const outputs = [
    { node: "look", isList: true, values: [{ json: '"look[0]"' }] },
    { node: "work", isList: true, values: [{ json: '"work[1]"' }] },
  ];
  expect(outputOf(LOOP)).toEqual({ kind: "many", outputs });
});
