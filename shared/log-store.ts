/** Where the log of one run lies. Two implementations pass one conformance suite: memory (here) and SQLite (in the runner). */
import type { LogRow } from "./model/log.ts";

export type LogStore = {
  /** All or nothing. Rows go on from the last `seq` without a gap, else it throws and nothing is written. */
  append(rows: readonly LogRow[]): void;
  /** In order, `seq` greater than `afterSeq`. */
  read(afterSeq: number, limit: number): readonly LogRow[];
  row(seq: number): LogRow | undefined;
};

export function createMemoryLog(): LogStore {
  const texts: string[] = [];
  const parse = (text: string | undefined): LogRow | undefined => (text === undefined ? undefined : JSON.parse(text));
  return {
    append(rows) {
      const next = rows.map((row, i) => {
        if (row.seq !== texts.length + i + 1) throw new Error(`row ${row.seq} does not follow row ${texts.length}`);
        return JSON.stringify(row);
      });
      texts.push(...next);
    },
    read: (afterSeq, limit) => texts.slice(afterSeq, afterSeq + limit).flatMap((text) => parse(text) ?? []),
    row: (seq) => parse(texts[seq - 1]),
  };
}
