/** Counters in D1, by minute and in total (minute 0). */
import { z } from "zod";
import type { CounterRow } from "../metrics.ts";
import { canonicalJson } from "../model/json-document.ts";
import { DAY_MS, MINUTE_MS } from "../model/limits.ts";
import { execute, queryRows } from "./d1-query.ts";

/** Minutes are kept for two days. */
const KEPT_MINUTES = (2 * DAY_MS) / MINUTE_MS;
const Row = z.object({ name: z.string(), labels: z.string(), value: z.number() });
const Labels = z.record(z.string(), z.string());

export type CounterStore = {
  /** Adds to the minute and to the totals, in one transaction. */
  add(rows: readonly CounterRow[]): Promise<void>;
  totals(): Promise<readonly CounterRow[]>;
};

export function createCounterStore(db: D1Database, now: () => number): CounterStore {
  return {
    async add(rows) {
      if (rows.length === 0) return;
      const minute = Math.floor(now() / MINUTE_MS);
      const list = JSON.stringify(rows.map(({ name, labels, value }) => [name, canonicalJson(labels), value]));
      const add = `INSERT INTO counters (minute, name, labels, value)
        SELECT ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE true
        ON CONFLICT (minute, name, labels) DO UPDATE SET value = counters.value + excluded.value`;
      await execute(
        db,
        [add, minute, list],
        [add, 0, list],
        ["DELETE FROM counters WHERE minute > 0 AND minute < ?", minute - KEPT_MINUTES],
      );
    },
    async totals() {
      const rows = await queryRows(db, Row, "SELECT name, labels, value FROM counters WHERE minute = 0 ORDER BY name, labels");
      return rows.map(({ name, labels, value }) => ({ name, labels: Labels.parse(JSON.parse(labels)), value }));
    },
  };
}
