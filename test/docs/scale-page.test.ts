import { expect, it } from "vitest";
import { readCounts, scale } from "../../bench/scale.mjs";
import { read } from "./documents.ts";

it("The page about scale shows what bench/scale.mjs says of the counts", () => {
  const [, shown] = read("docs/scale.md").split(/<!-- bench\/scale\.mjs -->\n|\n<!-- end -->/);
  expect(shown?.trim(), "the page is stale: put the output of `node bench/scale.mjs` between its markers").toBe(
    scale(readCounts("bench/counts.json")),
  );
});

it("What the bench writes is read as its counts", () => {
  expect(readCounts("test/fixtures/bench-result.json")).toEqual({ rowsOfStep: 1, messagesOfStep: 1.01, callsOfStep: 0.93 });
});
