import { createMemoryLog, type LogStore } from "../../shared/log-store.ts";
import type { LogRow } from "../../shared/model/log.ts";

/** Survives crashes. Rows are parsed once, as if they had been read from the disk. */
export function createSurvivingLog(): LogStore {
  const log = createMemoryLog();
  const rows: LogRow[] = [];
  return {
    append(added) {
      log.append(added);
      rows.push(...log.read(rows.length, added.length));
    },
    read: (afterSeq, limit) => (afterSeq >= rows.length ? [] : rows.slice(afterSeq, afterSeq + limit)),
    row: (seq) => rows[seq - 1],
  };
}
