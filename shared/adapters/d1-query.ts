/** The one way in which the D1 adapters ask: what comes back is parsed, what goes wrong is `storage_unavailable`. */
import pTimeout from "p-timeout";
import type { z } from "zod";
import { ArcrunError } from "../model/errors.ts";
import { SECOND_MS } from "../model/limits.ts";

/** Whoever asks is himself waited for. A write that comes too late may still happen: each may be made twice. */
const ANSWERS_WITHIN_MS = 10 * SECOND_MS;

export type Param = string | number | null;

async function guarded<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await pTimeout(ask(), { milliseconds: ANSWERS_WITHIN_MS });
  } catch (cause) {
    throw new ArcrunError("storage_unavailable", "the database does not answer; try again", { cause });
  }
}

/** All rows that the statement gives, each parsed by `row`. */
export async function queryRows<S extends z.ZodType>(db: D1Database, row: S, sql: string, ...params: Param[]): Promise<z.infer<S>[]> {
  const { results } = await guarded(() =>
    db
      .prepare(sql)
      .bind(...params)
      .all(),
  );
  return results.map((one) => row.parse(one));
}

/** Runs statements in one transaction; gives the number of rows that each one changed. */
export async function execute(db: D1Database, ...statements: readonly (readonly [sql: string, ...params: Param[]])[]): Promise<number[]> {
  const results = await guarded(() => db.batch(statements.map(([sql, ...params]) => db.prepare(sql).bind(...params))));
  return results.map((result) => result.meta.changes);
}

/** Lists travel as one JSON parameter (`json_each`): D1 binds at most 100 parameters a statement. */
export function chunksOf<T>(list: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let from = 0; from < list.length; from += size) chunks.push(list.slice(from, from + size));
  return chunks;
}
