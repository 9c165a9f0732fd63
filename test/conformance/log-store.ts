/** What every `LogStore` must do. `withStore` does the work on an empty one, wherever that lies. */
import { describe, expect, it } from "vitest";
import type { LogRow } from "../../shared/model/log.ts";
import type { LogStore } from "../../shared/log-store.ts";

const row = (seq: number, reason = `row ${seq}`): LogRow => ({ seq, at: 1000 + seq, event: { type: "run.cancelled", reason } });
const rows = (from: number, to: number): readonly LogRow[] => Array.from({ length: to - from + 1 }, (_, index) => row(from + index));

type Work = (store: LogStore) => void;

export function describeLogStore(name: string, withStore: (work: Work) => void | Promise<void>): void {
  describe(`a log store (${name})`, () => {
    it("is empty at first", () =>
      withStore((store) => {
        expect(store.read(0, 10)).toEqual([]);
        expect(store.row(1)).toBeUndefined();
      }));

    it("gives back what was appended, in order", () =>
      withStore((store) => {
        store.append(rows(1, 3));
        store.append(rows(4, 5));
        expect(store.read(0, 10)).toEqual(rows(1, 5));
      }));

    it("pages by sequence and limit", () =>
      withStore((store) => {
        store.append(rows(1, 5));
        expect(store.read(2, 2)).toEqual(rows(3, 4));
        expect(store.read(4, 10)).toEqual(rows(5, 5));
        expect(store.read(5, 10)).toEqual([]);
        expect(store.read(0, 0)).toEqual([]);
      }));

    it("finds one row, and only those that are there", () =>
      withStore((store) => {
        store.append(rows(1, 3));
        expect(store.row(2)).toEqual(row(2));
        expect([0, -1, 4, 1.5].map((seq) => store.row(seq))).toEqual([undefined, undefined, undefined, undefined]);
      }));

    it.each([
      ["a gap", rows(3, 4)],
      ["a row that is there", rows(1, 1)],
      ["a gap in the middle", [row(2), row(4)]],
      ["the same row twice", [row(2), row(2)]],
    ])("refuses %s and writes nothing of it", (_, added) =>
      withStore((store) => {
        store.append(rows(1, 1));
        expect(() => store.append(added)).toThrow();
        expect(store.read(0, 10)).toEqual(rows(1, 1));
        store.append(rows(2, 2));
        expect(store.read(0, 10)).toEqual(rows(1, 2));
      }),
    );

    it("takes an empty append for nothing", () =>
      withStore((store) => {
        store.append([]);
        expect(store.read(0, 10)).toEqual([]);
      }));

    it("keeps a copy: changing what was appended or read changes nothing", () =>
      withStore((store) => {
        const event = { type: "run.cancelled" as const, reason: "before" };
        store.append([{ seq: 1, at: 1, event }]);
        event.reason = "after";
        Object.assign(store.row(1)?.event ?? {}, { reason: "read" });
        expect(store.row(1)?.event).toEqual({ type: "run.cancelled", reason: "before" });
      }));

    it("keeps any text and large rows", () =>
      withStore((store) => {
        const odd = ["", `"\\\u0000\u001f\u2028\ufeff 猫 🐈 '; --`, "\ud800", "a\udfffb"];
        // Cloudflare stores texts of up to 2 MB.
        const texts = [...odd, "x".repeat(1_900_000), "漢".repeat(600_000), "\n".repeat(900_000)];
        store.append(texts.map((reason, i) => row(i + 1, reason)));
        expect(texts.map((reason, i) => JSON.stringify(store.row(i + 1)) === JSON.stringify(row(i + 1, reason)))).toEqual(
          texts.map(() => true),
        );
      }));

    it("writes nothing when a later row of the append cannot be stored", () =>
      withStore((store) => {
        const unstorable = { ...row(3), event: { type: "run.cancelled", reason: 1n } } as unknown as LogRow; // no type allows what JSON cannot hold
        store.append([row(1)]);
        expect(() => store.append([row(2), unstorable])).toThrow();
        expect(store.read(0, 10)).toEqual([row(1)]);
        store.append(rows(2, 3));
        expect(store.read(0, 10)).toEqual(rows(1, 3));
      }));

    it("keeps 2,500 rows", () =>
      withStore((store) => {
        store.append(rows(1, 2500));
        expect(store.read(0, 5000)).toEqual(rows(1, 2500));
        expect(store.read(1000, 1000)).toEqual(rows(1001, 2000));
      }));
  });
}
