/** The index of runs and the dead-letter desk in D1. Rebuildable, written in batches, may lag behind the run objects. */
import { z } from "zod";
import type { DeadLetter } from "../message.ts";
import { RUN_STATUSES } from "../model/run.ts";
import type { RunIndex } from "../ports.ts";
import type { RunSummary } from "../run-view.ts";
import { chunksOf, execute, type Param, queryRows } from "./d1-query.ts";
import { readCursor, writeCursor } from "./page-cursor.ts";

const ROWS_PER_STATEMENT = 200;

const RunRow = z.object({
  tenant: z.string(),
  run_id: z.string(),
  workflow: z.string(),
  version: z.string(),
  status: z.enum(RUN_STATUSES),
  started_at: z.number(),
  ended_at: z.number().nullable(),
  error_code: z.string().nullable(),
  seq: z.number(),
});
const LetterRow = z.object({
  tenant: z.string(),
  id: z.string(),
  run_id: z.string().nullable(),
  workflow: z.string().nullable(),
  node: z.string().nullable(),
  step: z.string().nullable(),
  error: z.string(),
  fingerprint: z.string(),
  input: z.string().nullable(),
  at: z.number(),
});
const StoredError = z.object({ code: z.string(), message: z.string(), retryable: z.boolean() }).loose();

const toSummary = (row: z.infer<typeof RunRow>): RunSummary => ({
  tenant: row.tenant,
  runId: row.run_id,
  workflow: row.workflow,
  version: row.version,
  status: row.status,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  errorCode: row.error_code,
  seq: row.seq,
});
const toLetter = ({ run_id, error, ...rest }: z.infer<typeof LetterRow>): DeadLetter => ({
  ...rest,
  runId: run_id,
  error: StoredError.parse(JSON.parse(error)),
});

/** Picks fields of `value`, the current element of `json_each(?)`. */
const picked = (...fields: string[]): string => fields.map((field) => `value ->> '$.${field}'`).join(", ");

const UPSERT_RUNS = `INSERT INTO runs (tenant, run_id, workflow, version, status, started_at, ended_at, error_code, seq)
  SELECT ${picked("tenant", "runId", "workflow", "version", "status", "startedAt", "endedAt", "errorCode", "seq")} FROM json_each(?) WHERE true
  ON CONFLICT (tenant, run_id) DO UPDATE SET status = excluded.status, version = excluded.version, ended_at = excluded.ended_at,
    error_code = excluded.error_code, seq = excluded.seq
  WHERE excluded.seq > runs.seq`;
const ADD_LETTERS = `INSERT INTO dead_letters (tenant, id, run_id, workflow, node, step, error, fingerprint, input, at)
  SELECT ${picked("tenant", "id", "runId", "workflow", "node", "step", "error", "fingerprint", "input", "at")} FROM json_each(?) WHERE true
  ON CONFLICT (tenant, id) DO NOTHING`;

const TAKE_LETTERS = "DELETE FROM dead_letters WHERE tenant = ? AND run_id = ? AND at <= ? AND step IN (SELECT value FROM json_each(?))";

export function createRunIndex(db: D1Database): RunIndex {
  const write = async (sql: string, rows: readonly unknown[]) => {
    if (rows.length === 0) return;
    await execute(db, ...chunksOf(rows, ROWS_PER_STATEMENT).map((chunk) => [sql, JSON.stringify(chunk)] as const));
  };
  return {
    upsert: (summaries) => write(UPSERT_RUNS, summaries),
    async remove(tenant, runId) {
      await execute(
        db,
        ...["runs", "dead_letters"].map((table) => [`DELETE FROM ${table} WHERE tenant = ? AND run_id = ?`, tenant, runId] as const),
      );
    },
    async list(tenant, { workflow, status, sinceMs, cursor, limit }) {
      const page = before("started_at", "run_id", cursor);
      const where = whereTenant(tenant, ["workflow = ?", workflow], ["status = ?", status], ["started_at >= ?", sinceMs], page);
      const sql = `SELECT * FROM runs WHERE ${where.sql} ORDER BY started_at DESC, run_id DESC LIMIT ?`;
      const rows = (await queryRows(db, RunRow, sql, ...where.params, limit + 1)).map(toSummary);
      return { runs: rows.slice(0, limit), nextCursor: nextCursor(rows, limit, (run) => ({ at: run.startedAt, id: run.runId })) };
    },
    addDeadLetters: (letters) =>
      write(
        ADD_LETTERS,
        letters.map((letter) => ({ ...letter, error: JSON.stringify(letter.error) })),
      ),
    async takeDeadLetters(tenant, runId, steps, at) {
      const chunks = chunksOf(steps, ROWS_PER_STATEMENT).map((chunk) => [TAKE_LETTERS, tenant, runId, at, JSON.stringify(chunk)] as const);
      if (chunks.length > 0) await execute(db, ...chunks);
    },
    async deadLetters(tenant, { workflow, limit, cursor }) {
      const where = whereTenant(tenant, ["workflow = ?", workflow], before("at", "id", cursor));
      const sql = `SELECT * FROM dead_letters WHERE ${where.sql} ORDER BY at DESC, id DESC LIMIT ?`;
      const rows = (await queryRows(db, LetterRow, sql, ...where.params, limit + 1)).map(toLetter);
      return { letters: rows.slice(0, limit), nextCursor: nextCursor(rows, limit, ({ at, id }) => ({ at, id })) };
    },
    async deadLetter(tenant, id) {
      const [row] = await queryRows(db, LetterRow, "SELECT * FROM dead_letters WHERE tenant = ? AND id = ?", tenant, id);
      return row && toLetter(row);
    },
  };
}

/** One row more than the page was read: if it is there, the page's last row is where the next one begins. */
function nextCursor<T>(rows: readonly T[], limit: number, place: (row: T) => { at: number; id: string }): string | null {
  const last = rows[limit - 1];
  return rows.length > limit && last ? writeCursor(place(last)) : null;
}

type Condition = readonly [sql: string, ...params: (Param | undefined)[]];

/** Begins with the tenant, always; a condition without its value is left out. */
function whereTenant(tenant: string, ...conditions: readonly Condition[]): { readonly sql: string; readonly params: readonly Param[] } {
  const given = conditions.filter((condition) => !condition.includes(undefined));
  const params = given.flatMap(([, ...values]) => values.filter((value) => value !== undefined));
  return { sql: ["tenant = ?", ...given.map(([sql]) => sql)].join(" AND "), params: [tenant, ...params] };
}

function before(atColumn: string, idColumn: string, cursor: string | undefined): Condition {
  const place = cursor === undefined ? undefined : readCursor(cursor);
  return [`(${atColumn}, ${idColumn}) < (?, ?)`, place?.at, place?.id];
}
