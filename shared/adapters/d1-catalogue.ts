/** The catalogue in D1. The pointer from a name to its newest version is read each time; versions, being immutable, are kept in memory. */
import { gunzipSync, gzipSync } from "node:zlib";
import { z } from "zod";
import { MAX_WORKFLOW_NAME_CHARS } from "../model/limits.ts";
import type { Plan } from "../model/plan.ts";
import type { Catalogue, StoredSchedule, WorkflowHead, WorkflowVersion } from "../ports.ts";
import { execute, queryRows } from "./d1-query.ts";
import { schedulesStatements } from "./d1-schedules.ts";

/** D1 takes rows of at most 2 MB. */
const MAX_PLAIN_CHARS = 200_000;
const GZIP_MARK = "gzip:";
const CACHED_VERSIONS = 200;

const HeadRow = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  trigger_auth: z.string(),
  created_at: z.number(),
});
const VersionRow = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  plan: z.string(),
  source: z.string(),
  format: z.enum(["yaml", "json"]),
  created_at: z.number(),
});

export const packText = (text: string): string => (text.length <= MAX_PLAIN_CHARS ? text : GZIP_MARK + gzipSync(text).toString("base64"));
export const unpackText = (packed: string): string =>
  packed.startsWith(GZIP_MARK) ? gunzipSync(Buffer.from(packed.slice(GZIP_MARK.length), "base64")).toString("utf8") : packed;

const toVersion = (row: z.infer<typeof VersionRow>): WorkflowVersion => ({
  name: row.name,
  version: row.version,
  description: row.description,
  // Written by `push` from a Plan, whose own `v` tells its form.
  plan: JSON.parse(unpackText(row.plan)) as Plan,
  source: unpackText(row.source),
  format: row.format,
  createdAt: row.created_at,
});

const toHead = (row: z.infer<typeof HeadRow>): WorkflowHead => ({
  name: row.name,
  version: row.version,
  description: row.description,
  createdAt: row.created_at,
  // Written by `push` from a plan's trigger.
  trigger: JSON.parse(row.trigger_auth) as Plan["trigger"],
});

export function createCatalogue(db: D1Database): Catalogue {
  const cache = new Map<string, WorkflowVersion>();
  const find = async (tenant: string, name: string, version: string) => {
    const [row] = await queryRows(
      db,
      VersionRow,
      "SELECT * FROM versions WHERE tenant = ? AND name = ? AND version = ?",
      tenant,
      name,
      version,
    );
    return row && toVersion(row);
  };
  return {
    push: (tenant, version, schedules = []) => pushVersion(db, tenant, version, schedules),
    version: find,
    async newest(tenant, name) {
      // A step may ask for anything; what the database refuses because of its length would seem to be its absence.
      if (name.length > MAX_WORKFLOW_NAME_CHARS) return undefined;
      const [head] = await queryRows(db, HeadRow, "SELECT * FROM workflows WHERE tenant = ? AND name = ?", tenant, name);
      if (!head) return undefined;
      const key = JSON.stringify([tenant, name, head.version, head.created_at]);
      const known = cache.get(key);
      if (known) return known;
      const found = await find(tenant, name, head.version);
      if (found) remember(cache, key, found);
      return found;
    },
    async list(tenant) {
      return (await queryRows(db, HeadRow, "SELECT * FROM workflows WHERE tenant = ? ORDER BY name", tenant)).map(toHead);
    },
    async versions(tenant, name) {
      const Row = z.object({ version: z.string(), created_at: z.number() });
      const rows = await queryRows(
        db,
        Row,
        "SELECT version, created_at FROM versions WHERE tenant = ? AND name = ? ORDER BY created_at DESC",
        tenant,
        name,
      );
      return rows.map(({ version, created_at }) => ({ version, createdAt: created_at }));
    },
    async remove(tenant, name) {
      const [removed = 0] = await execute(
        db,
        ["DELETE FROM workflows WHERE tenant = ? AND name = ?", tenant, name],
        ["DELETE FROM versions WHERE tenant = ? AND name = ?", tenant, name],
        ...schedulesStatements(tenant, name, []),
      );
      return removed > 0;
    },
  };
}

async function pushVersion(
  db: D1Database,
  tenant: string,
  version: WorkflowVersion,
  schedules: readonly StoredSchedule[],
): Promise<boolean> {
  const { name, description, plan, source, format, createdAt } = version;
  const [inserted = 0] = await execute(
    db,
    [
      `INSERT INTO versions (tenant, name, version, description, plan, source, format, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (tenant, name, version) DO NOTHING`,
      tenant,
      name,
      version.version,
      description,
      packText(JSON.stringify(plan)),
      packText(source),
      format,
      createdAt,
    ],
    [
      `INSERT INTO workflows (tenant, name, version, description, trigger_auth, created_at)
       SELECT tenant, name, version, description, ?, created_at FROM versions WHERE tenant = ? AND name = ? AND version = ?
       ON CONFLICT (tenant, name) DO UPDATE
       SET version = excluded.version, description = excluded.description, trigger_auth = excluded.trigger_auth, created_at = excluded.created_at`,
      JSON.stringify(plan.trigger),
      tenant,
      name,
      version.version,
    ],
    ...schedulesStatements(tenant, name, schedules),
  );
  return inserted > 0;
}

/** Oldest out first. */
function remember(cache: Map<string, WorkflowVersion>, key: string, version: WorkflowVersion): void {
  cache.set(key, version);
  const oldest = cache.keys().next();
  if (cache.size > CACHED_VERSIONS && !oldest.done) cache.delete(oldest.value);
}
