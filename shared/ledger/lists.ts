/** The lists that loops go through, and the answers that are gathered of them: in rows and pages, so that no call is a long one. */
import { GATHERED_PAGE_ITEMS, MAX_LIST_ROW_BYTES, MIB } from "../model/limits.ts";
import type { EventOf, ListCount, Value } from "../model/log.ts";
import { loopKey } from "../model/loop-run.ts";
import { vertexByKey } from "../model/plan-index.ts";
import { stepKey } from "../model/run.ts";
import type { Step } from "../model/run-state.ts";
import type { GatheredPage, ItemList } from "../run-api.ts";
import type { Ledger } from "./ledger.ts";
import { valueIn } from "./summary.ts";

type Listed = EventOf<"step.listed">;

export const countsOf = (lists: readonly ItemList[]): readonly ListCount[] =>
  lists.map(({ loop, items }) => ({ loop, count: items.length }));

/** The rows in which the lists lie: filled up to a limit, one item at least in each. */
export function listRows(step: Pick<Listed, "step" | "generation" | "attempt">, lists: readonly ItemList[]): readonly Listed[] {
  const rows: Listed[] = [];
  for (const { loop, items } of lists) {
    let chunk: Value[] = [];
    let bytes = 0;
    const close = (end: number) => {
      if (chunk.length > 0) rows.push({ ...step, type: "step.listed", loop, offset: end - chunk.length, items: chunk });
      [chunk, bytes] = [[], 0];
    };
    for (const [index, value] of items.entries()) {
      const size = JSON.stringify(value).length;
      if (bytes + size > MAX_LIST_ROW_BYTES) close(index);
      chunk.push(value);
      bytes += size;
    }
    close(items.length);
  }
  return rows;
}

/** Rows of lists that were read last: neighbouring items lie in one row. */
const MAX_ROWS_KEPT = 4;

export function itemAt({ deps, listRows: kept }: Ledger, opener: Step, loop: number, index: number): Value {
  const chunk = opener.lists?.get(loop)?.chunks.findLast(({ offset }) => offset <= index);
  const row = chunk === undefined ? undefined : (kept.get(chunk.seq) ?? deps.store.row(chunk.seq)?.event);
  if (chunk === undefined || row?.type !== "step.listed") throw new Error(`item ${index} of ${opener.key} is in no row`);
  kept.delete(chunk.seq);
  kept.set(chunk.seq, row);
  const [oldest] = kept.keys();
  if (kept.size > MAX_ROWS_KEPT && oldest !== undefined) kept.delete(oldest);
  const value = row.items[index - chunk.offset];
  if (value === undefined) throw new Error(`item ${index} of ${opener.key} is missing in its row`);
  return value;
}

const MAX_PAGE_BYTES = 4 * MIB;

export function gatheredPage({ state, deps: { store } }: Ledger, key: string, item: readonly number[], from: number): GatheredPage {
  if (state === undefined) return { answers: [], failed: 0 };
  const loops = vertexByKey(state.plan, key)?.loops ?? [];
  const run = state.loops.get(loopKey(loops.at(-1) ?? -1, item));
  const answers: (Value | null)[] = [];
  let [failed, bytes] = [0, 0];
  const end = Math.min(run?.count ?? 0, from + GATHERED_PAGE_ITEMS);
  for (let index = from; index < end && bytes < MAX_PAGE_BYTES; index += 1) {
    const step = state.steps.get(stepKey(key, [...item, index]));
    const value = valueIn(store, step?.outputSeq, "output") ?? null;
    answers.push(value);
    if (step?.status === "failed" || run?.failed.has(index) === true) failed += 1;
    if (value !== null && "json" in value) bytes += value.json.length;
  }
  return { answers, failed };
}
