import { describe, expect, it } from "vitest";
import { drawing } from "../../../shared/ledger/drawing.ts";
import { compile, set } from "../../support/definitions.ts";
import { failed, type Play, play } from "./play.ts";

const LOOP = compile({
  flow: ["input >> PIPE >> list", "list >> FOREACH x PARALLEL(2) >> work", "work >> ON_FAIL >> excuse", "work >> GATHER >> report"],
  config: Object.fromEntries(["list", "work", "excuse", "report"].map((node) => [node, set()])),
});
const tallyOf = ({ ledger }: Play) => drawing(ledger)?.tally;
const edgeOf = (run: Play, from: string, kind: string) => {
  const found = LOOP.edges.find((edge) => LOOP.vertices[edge.from]?.node === from && edge.relation.kind === kind);
  return tallyOf(run)?.edges[found?.id ?? -1];
};
const statusesOf = (run: Play, node: string) => tallyOf(run)?.vertices[LOOP.vertices.findIndex((vertex) => vertex.node === node)];

/** A run whose list has three items, of which two are in flight. */
function begun(): Play {
  const run = play(LOOP);
  const list = run.take("list");
  const taken = list.edges.map(({ id }) => id);
  const items = ["1", "2", "3"].map((json) => ({ json }));
  run.end(list, { kind: "succeeded", output: { json: '{"success":true}' }, taken, lists: [{ loop: 0, items }] });
  return run;
}

describe("The drawing of a loop", () => {
  it("counts all items of the list, also those that have not begun", () => {
    const run = begun();
    expect(tallyOf(run)?.loops).toEqual([{ ok: 0, failed: 0, count: 3 }]);
    expect(statusesOf(run, "work")).toEqual({ ready: 2 });
    run.take("work[0]");
    expect(statusesOf(run, "work")).toEqual({ ready: 1, running: 1 });
    expect([edgeOf(run, "list", "foreach"), edgeOf(run, "work", "gather")]).toEqual(["taken", "open"]);
  });

  it("calls nothing in it dead while items may still come, and then what was never taken", () => {
    const run = begun();
    run.run("work[0]");
    run.run("work[1]");
    expect(tallyOf(run)?.loops).toEqual([{ ok: 2, failed: 0, count: 3 }]);
    expect([edgeOf(run, "work", "fail"), edgeOf(run, "work", "gather")]).toEqual(["open", "open"]);
    run.run("work[2]");
    expect(tallyOf(run)?.loops).toEqual([{ ok: 3, failed: 0, count: 3 }]);
    expect([edgeOf(run, "work", "fail"), edgeOf(run, "work", "gather")]).toEqual(["dead", "taken"]);
    expect([statusesOf(run, "excuse"), statusesOf(run, "report")]).toEqual([{ skipped: 3 }, { ready: 1 }]);
  });

  it("tells what failed by the node, and of the loop only what nothing in it handled", () => {
    const run = begun();
    run.end(run.take("work[1]"), failed());
    run.end(run.take("excuse[1]"), failed());
    expect(statusesOf(run, "work")).toEqual({ ready: 2, failed: 1 });
    expect(tallyOf(run)?.loops).toEqual([{ ok: 0, failed: 1, count: 3 }]);
    expect(edgeOf(run, "work", "fail")).toBe("taken");
  });
});

it("A run that nobody started has no drawing", () => {
  expect(drawing({ ...play(LOOP).ledger, state: undefined })).toBeNull();
});
