/** The slots of one key in their object: one row a step that has one or waits for one. */
import type { SlotEntry, SlotStore } from "../../shared/slots/slot-store.ts";

export function createSqliteSlots(storage: DurableObjectStorage): SlotStore {
  const { sql } = storage;
  sql.exec("CREATE TABLE IF NOT EXISTS slots (id TEXT PRIMARY KEY, data TEXT NOT NULL)");
  return {
    all: () =>
      sql
        .exec<{ data: string }>("SELECT data FROM slots")
        .toArray()
        .map(({ data }): SlotEntry => JSON.parse(data)),
    write: (changes) =>
      storage.transactionSync(() => {
        for (const [id, entry] of changes) {
          if (entry === null) sql.exec("DELETE FROM slots WHERE id = ?", id);
          else sql.exec("INSERT OR REPLACE INTO slots VALUES (?, ?)", id, JSON.stringify(entry));
        }
      }),
  };
}
