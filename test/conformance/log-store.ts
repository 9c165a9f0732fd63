/** What every `LogStore` must do. `open` gives an empty one. */
import { describe, expect, it } from "vitest";
import type { LogRow } from "../../shared/model/log.ts";
import type { LogStore } from "../../shared/log-store.ts";

const row = (seq: number, reason = `row ${seq}`): LogRow => ({ seq, at: 1000 + seq, event: { type: "run.cancelled", reason } });
const rows = (from: number, to: number): readonly LogRow[] => Array.from({ length: to - from + 1 }, (_, index) => row(from + index));

export function describeLogStore(name: string, open: () => LogStore | Promise<LogStore>): void {
  describe(`a log store (${name})`, () => {
    it("is empty at first", async () => {
      const store = await open();
      expect(store.read(0, 10)).toEqual([]);
      expect(store.row(1)).toBeUndefined();
    });

    it("gives back what was appended, in order", async () => {
      const store = await open();
      store.append(rows(1, 3));
      store.append(rows(4, 5));
      expect(store.read(0, 10)).toEqual(rows(1, 5));
    });

    it("pages by sequence and limit", async () => {
      const store = await open();
      store.append(rows(1, 5));
      expect(store.read(2, 2)).toEqual(rows(3, 4));
      expect(store.read(4, 10)).toEqual(rows(5, 5));
      expect(store.read(5, 10)).toEqual([]);
      expect(store.read(0, 0)).toEqual([]);
    });

    it("finds one row, and only those that are there", async () => {
      const store = await open();
      store.append(rows(1, 3));
      expect(store.row(2)).toEqual(row(2));
      expect([0, -1, 4, 1.5].map((seq) => store.row(seq))).toEqual([undefined, undefined, undefined, undefined]);
    });

    it.each([
      ["a gap", rows(3, 4)],
      ["a row that is there", rows(1, 1)],
      ["a gap in the middle", [row(2), row(4)]],
      ["the same row twice", [row(2), row(2)]],
    ])("refuses %s and writes nothing of it", async (_, added) => {
      const store = await open();
      store.append(rows(1, 1));
      expect(() => store.append(added)).toThrow();
      expect(store.read(0, 10)).toEqual(rows(1, 1));
      store.append(rows(2, 2));
      expect(store.read(0, 10)).toEqual(rows(1, 2));
    });

    it("takes an empty append for nothing", async () => {
      const store = await open();
      store.append([]);
      expect(store.read(0, 10)).toEqual([]);
    });

    it("keeps a copy: changing what was appended or read changes nothing", async () => {
      const store = await open();
      const event = { type: "run.cancelled" as const, reason: "before" };
      store.append([{ seq: 1, at: 1, event }]);
      event.reason = "after";
      Object.assign(store.row(1)?.event ?? {}, { reason: "read" });
      expect(store.row(1)?.event).toEqual({ type: "run.cancelled", reason: "before" });
    });

    it("keeps any text and large rows", async () => {
      const store = await open();
      const reason = `"\\\u0000\u2028 猫 🐈 ${"x".repeat(100_000)}`;
      store.append([row(1, reason)]);
      expect(store.row(1)?.event).toEqual({ type: "run.cancelled", reason });
    });

    it("keeps 2,500 rows", async () => {
      const store = await open();
      store.append(rows(1, 2500));
      expect(store.read(0, 5000)).toEqual(rows(1, 2500));
      expect(store.read(1000, 1000)).toEqual(rows(1001, 2000));
    });
  });
}
