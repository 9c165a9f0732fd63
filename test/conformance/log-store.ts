/** What every implementation of `LogStore` does. The caller gives each test a store that holds nothing. */
import { expect, it } from "vitest";
import type { LogStore } from "../../shared/log-store.ts";
import type { LogRow } from "../../shared/model/log.ts";

const MIB_CHARS = 1024 * 1024;

/** A row whose text is `reason`. */
export const rowOf = (seq: number, reason = `row ${seq}`): LogRow => ({ seq, at: 1000 + seq, event: { type: "run.cancelled", reason } });
const rowsOf = (from: number, to: number): readonly LogRow[] => Array.from({ length: to - from + 1 }, (_, i) => rowOf(from + i));

type Case = (store: LogStore) => void;

const CASES: Readonly<Record<string, Case>> = {
  "that is new holds nothing": (store) => {
    expect([store.read(0, 10), store.row(1)]).toEqual([[], undefined]);
  },
  "gives back what was appended, in order and by its number": (store) => {
    store.append(rowsOf(1, 2));
    store.append([rowOf(3)]);
    expect(store.read(0, 10)).toEqual(rowsOf(1, 3));
    expect([store.row(2), store.row(4), store.row(0)]).toEqual([rowOf(2), undefined, undefined]);
  },
  "gives pages after a number, at most as long as asked": (store) => {
    store.append(rowsOf(1, 25));
    expect([store.read(0, 10), store.read(10, 10), store.read(20, 10), store.read(25, 10)]).toEqual([rowsOf(1, 10), rowsOf(11, 20), rowsOf(21, 25), []]);
  },
  "takes an append of nothing": (store) => {
    store.append([]);
    store.append([rowOf(1)]);
    expect(store.read(0, 10)).toEqual([rowOf(1)]);
  },
  "refuses a first row that is not the first": (store) => {
    expect(() => store.append([rowOf(2)])).toThrow("does not follow");
    expect(store.read(0, 10)).toEqual([]);
  },
  "refuses a gap, and writes nothing of that append": (store) => {
    store.append([rowOf(1)]);
    expect(() => store.append([rowOf(2), rowOf(4)])).toThrow("does not follow");
    expect(store.read(0, 10)).toEqual([rowOf(1)]);
    store.append([rowOf(2)]);
    expect(store.read(0, 10)).toEqual(rowsOf(1, 2));
  },
  "refuses a row that is there, and keeps the first": (store) => {
    store.append(rowsOf(1, 2));
    expect(() => store.append([rowOf(2, "another")])).toThrow("does not follow");
    expect(store.read(0, 10)).toEqual(rowsOf(1, 2));
  },
  "writes nothing when a later row of the append cannot be stored": (store) => {
    const unstorable = { ...rowOf(2), event: { type: "run.cancelled", reason: 1n } } as unknown as LogRow; // no type allows what JSON cannot hold
    store.append([rowOf(1)]);
    expect(() => store.append([rowOf(2), { ...unstorable, seq: 3 }])).toThrow();
    expect(store.read(0, 10)).toEqual([rowOf(1)]);
    store.append(rowsOf(2, 3));
    expect(store.read(0, 10)).toEqual(rowsOf(1, 3));
  },
  "gives copies: changing what was appended or read changes nothing": (store) => {
    const reasons = { type: "run.redriven", generation: 1, steps: ["a"] } as const;
    const steps: string[] = ["a"];
    store.append([{ seq: 1, at: 1, event: { ...reasons, steps } }]);
    steps.push("b");
    expect(store.row(1)?.event).toEqual(reasons);
    expect(store.row(1)).not.toBe(store.row(1));
  },
  "keeps any text: empty, of all planes, control characters, lone surrogates": (store) => {
    const texts = ["", "naïve 漢字 🧶", "\u0000\u0001\u001f\u007f", "\ud800", "a\udfffb", "\\u0000 '\";--", "\u2028\u2029\ufeff"];
    store.append(texts.map((text, i) => rowOf(i + 1, text)));
    expect(store.read(0, 10)).toEqual(texts.map((text, i) => rowOf(i + 1, text)));
  },
  "keeps numbers as they are": (store) => {
    const until = Number.MAX_SAFE_INTEGER;
    const leased: LogRow = { seq: 1, at: 1_800_000_000_000, event: { type: "step.leased", step: "a[3][0]", generation: 0, attempt: 1, lease: until, boot: "b", until } };
    store.append([leased]);
    expect(store.row(1)).toEqual(leased);
  },
  "keeps rows of a megabyte and more, of any script": (store) => {
    const rows = [rowOf(1, "x".repeat(MIB_CHARS)), rowOf(2, "漢".repeat(MIB_CHARS)), rowOf(3, "5".repeat(6 * MIB_CHARS))];
    for (const row of rows) store.append([row]);
    expect(rows.map(({ seq }) => store.row(seq)).every((row, i) => JSON.stringify(row) === JSON.stringify(rows[i]))).toBe(true);
    expect(store.read(1, 10).map(({ seq }) => seq)).toEqual([2, 3]);
  },
};

/** Registers the suite. `withStore` runs the work on a fresh store, wherever that store lives. */
export function testLogStore(withStore: (work: Case) => void | Promise<void>): void {
  for (const [title, work] of Object.entries(CASES)) it(title, async () => withStore(work));
}
