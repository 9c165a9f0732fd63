import { expect, it } from "vitest";
import { countsOf, listRows } from "../../../shared/ledger/lists.ts";
import { redrive } from "../../../shared/ledger/control.ts";
import { allRows } from "../../../shared/ledger/ledger.ts";
import { MAX_LIST_ROW_BYTES } from "../../../shared/model/limits.ts";
import { planOf } from "../../simulation/graphs.ts";
import { failed, play } from "./play.ts";

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

it("a redrive of more steps than a row holds is several rows and one redrive", () => {
  const names = Array.from({ length: 900 }, (_, index) => `${"節點".repeat(60)}${index}`);
  const run = play(
    planOf(
      names.map((name) => ({ name })),
      [],
    ),
  );
  for (const name of names) run.end(run.take(name), failed());
  const reply = redrive(run.ledger, {});
  const rows = [...allRows(run.ledger.deps.store)].filter(({ event }) => event.type === "run.redriven");
  expect([reply.kind, run.ledger.state?.generation, run.ledger.state?.live.size]).toEqual(["redriven", 1, 900]);
  expect(rows.length).toBeGreaterThan(1);
  for (const row of rows) expect(Buffer.byteLength(JSON.stringify(row))).toBeLessThan(300_000);
  expect(run.reopen().ledger.state?.live.size).toBe(900);
});
