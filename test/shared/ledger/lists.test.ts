import { expect, it } from "vitest";
import { countsOf, listRows } from "../../../shared/ledger/lists.ts";
import { MAX_LIST_ROW_BYTES } from "../../../shared/model/limits.ts";

const step = { step: "list", generation: 0, attempt: 1 };
const item = (chars: number) => ({ json: JSON.stringify("x".repeat(chars)) });

it("a list is cut into rows of a bounded size, in order and without a gap", () => {
  const items = Array.from({ length: 1000 }, (_, index) => item(index));
  const rows = listRows(step, [{ loop: 3, items }]);
  expect(rows.flatMap((row) => row.items)).toEqual(items);
  expect(rows.map(({ offset }) => offset)).toEqual(rows.map((_, at) => rows.slice(0, at).reduce((sum, row) => sum + row.items.length, 0)));
  for (const row of rows) expect(JSON.stringify(row.items).length).toBeLessThan(MAX_LIST_ROW_BYTES + 2000);
  expect(rows.length).toBeLessThan(6);
});

it("an empty list has no rows, but a count", () => {
  expect([listRows(step, [{ loop: 0, items: [] }]), countsOf([{ loop: 0, items: [] }])]).toEqual([[], [{ loop: 0, count: 0 }]]);
});
