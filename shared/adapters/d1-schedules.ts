/** The schedules of the newest versions in D1, and what their objects last told of them. */
import { z } from "zod";
import type { ScheduleHistory, ScheduleRow, Schedules, StoredSchedule } from "../ports.ts";
import { execute, type Param, queryRows } from "./d1-query.ts";
import { readCursor, writeCursor } from "./page-cursor.ts";

const Row = z.object({
  workflow: z.string(),
  key: z.string(),
  position: z.number(),
  cron: z.string(),
  timezone: z.string(),
  input: z.string(),
  overlap: z.enum(["skip", "allow"]),
  catch_up: z.enum(["none", "last"]),
  next_at: z.number().nullable(),
  last_at: z.number().nullable(),
  last_run_id: z.string().nullable(),
  skipped: z.number(),
  missed: z.number(),
  last_error: z.string().nullable(),
});
const StoredError = z.object({ code: z.string(), message: z.string(), retryable: z.boolean() });
type Row = z.infer<typeof Row>;

const toSchedule = ({ key, cron, timezone, input, overlap, catch_up }: Row): StoredSchedule => ({
  key,
  cron,
  timezone,
  input: JSON.parse(input),
  overlap,
  catchUp: catch_up,
});
const toRow = (row: Row): ScheduleRow => ({
  ...toSchedule(row),
  workflow: row.workflow,
  nextAt: row.next_at,
  lastAt: row.last_at,
  lastRunId: row.last_run_id,
  skipped: row.skipped,
  missed: row.missed,
  lastError: row.last_error === null ? null : StoredError.parse(JSON.parse(row.last_error)),
});

export function createSchedules(db: D1Database): Schedules {
  return {
    async of(tenant, workflow) {
      const sql = "SELECT * FROM schedules WHERE tenant = ? AND workflow = ? ORDER BY position";
      return (await queryRows(db, Row, sql, tenant, workflow)).map(toSchedule);
    },
    async tell(tenant, workflow, histories) {
      if (histories.size > 0) await execute(db, ...[...histories].map(([key, history]) => telling(tenant, workflow, key, history)));
    },
    async list(tenant, { workflow, limit, cursor }) {
      const after = cursor === undefined ? undefined : readCursor(cursor);
      const sql = `SELECT * FROM schedules WHERE tenant = ?1 AND (?2 IS NULL OR workflow = ?2)
        AND (?3 IS NULL OR (workflow, position) > (?3, ?4)) ORDER BY workflow, position LIMIT ?5`;
      const rows = await queryRows(db, Row, sql, tenant, workflow ?? null, after?.id ?? null, after?.at ?? null, limit + 1);
      const last = rows[limit - 1];
      const nextCursor = rows.length > limit && last ? writeCursor({ at: last.position, id: last.workflow }) : null;
      return { schedules: rows.slice(0, limit).map(toRow), nextCursor };
    },
  };
}

type Statement = readonly [sql: string, ...params: Param[]];

const telling = (tenant: string, workflow: string, key: string, { lastError, ...history }: ScheduleHistory): Statement => [
  `UPDATE schedules SET next_at = ?, last_at = ?, last_run_id = ?, skipped = ?, missed = ?, last_error = ?
   WHERE tenant = ? AND workflow = ? AND key = ?`,
  history.nextAt,
  history.lastAt,
  history.lastRunId,
  history.skipped,
  history.missed,
  lastError === null ? null : JSON.stringify(lastError),
  tenant,
  workflow,
  key,
];

/** Makes these the schedules of the workflow; one that stays keeps its history. For the transaction that moves the name to its version. */
export function schedulesStatements(tenant: string, workflow: string, schedules: readonly StoredSchedule[]): readonly Statement[] {
  const rows = schedules.map(({ input, ...schedule }, position) => ({ ...schedule, position, input: JSON.stringify(input) }));
  const keys = JSON.stringify(rows.map(({ key }) => key));
  const gone: Statement = [
    "DELETE FROM schedules WHERE tenant = ? AND workflow = ? AND key NOT IN (SELECT value FROM json_each(?))",
    tenant,
    workflow,
    keys,
  ];
  const fields = ["key", "position", "cron", "timezone", "input", "overlap", "catchUp"].map((field) => `value ->> '$.${field}'`).join(", ");
  const sql = `INSERT INTO schedules (tenant, workflow, key, position, cron, timezone, input, overlap, catch_up)
    SELECT ?, ?, ${fields} FROM json_each(?) WHERE true
    ON CONFLICT (tenant, workflow, key) DO UPDATE
    SET position = excluded.position, overlap = excluded.overlap, catch_up = excluded.catch_up`;
  return rows.length === 0 ? [gone] : [gone, [sql, tenant, workflow, JSON.stringify(rows)]];
}
