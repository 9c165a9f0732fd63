/** The log of a run in its Durable Object: one table, append-only. */
import type { LogRow } from "../../shared/model/log.ts";
import type { LogStore } from "../../shared/log-store.ts";

type Stored = { readonly seq: number; readonly at: number; readonly data: string };

const TABLE =
  "CREATE TABLE log (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, vertex TEXT, item TEXT, data TEXT NOT NULL)";

/** The last rows are what the next step reads most likely. Large ones are not kept in memory. */
const RECENT_ROWS = 16;
const MAX_RECENT_CHARS = 8 * 1024;

export function createSqliteLog(storage: DurableObjectStorage): LogStore {
  const { sql } = storage;
  // The table is made with the first rows: a commit of its own would cost each run as much as a step.
  let isMade = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'log'").toArray().length > 0;
  let last = isMade ? (sql.exec<{ seq: number | null }>("SELECT max(seq) AS seq FROM log").one().seq ?? 0) : 0;
  const recent = new Map<number, Stored | undefined>();

  const insert = (row: LogRow) => {
    if (row.seq !== last + 1) throw new Error(`row ${row.seq} does not follow row ${last}`);
    const [vertex, item] = "step" in row.event ? splitKey(row.event.step) : [null, null];
    const data = JSON.stringify(row.event);
    sql.exec("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)", row.seq, row.at, row.event.type, vertex, item, data);
    last = row.seq;
    recent.set(row.seq, data.length <= MAX_RECENT_CHARS ? { seq: row.seq, at: row.at, data } : undefined);
    recent.delete(row.seq - RECENT_ROWS);
  };

  return {
    append(rows) {
      const [only, ...more] = rows;
      if (isMade && only !== undefined && more.length === 0) return insert(only); // one statement is a transaction
      const before = { last, isMade };
      try {
        storage.transactionSync(() => {
          if (!isMade) sql.exec(TABLE);
          isMade = true;
          rows.forEach(insert);
        });
      } catch (thrown) {
        ({ last, isMade } = before);
        recent.clear();
        throw thrown;
      }
    },
    read: (afterSeq, limit) =>
      !isMade
        ? []
        : sql.exec<Stored>("SELECT seq, at, data FROM log WHERE seq > ? ORDER BY seq LIMIT ?", afterSeq, limit).toArray().map(parse),
    row(seq) {
      if (!isMade) return undefined;
      const known = recent.get(seq);
      if (known !== undefined) return parse(known);
      const [found] = sql.exec<Stored>("SELECT seq, at, data FROM log WHERE seq = ?", seq).toArray();
      return found === undefined ? undefined : parse(found);
    },
  };
}

const parse = ({ seq, at, data }: Stored): LogRow => ({ seq, at, event: JSON.parse(data) });

/** `translate[3][0]` → `translate`, `[3][0]` */
function splitKey(step: string): readonly [string, string] {
  const item = /(\[\d+\])*$/.exec(step)?.[0] ?? "";
  return [step.slice(0, step.length - item.length), item];
}
