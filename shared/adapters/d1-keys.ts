/**
 * API keys in D1. A key that was found is remembered for some seconds, for a read costs as much as a step: a key that another isolate
 * revoked is good for that long. What is not found is never remembered: a new key works at once.
 */
import { z } from "zod";
import { type Key, type Keys, SCOPES } from "../ports.ts";
import { execute, queryRows } from "./d1-query.ts";

const Row = z.object({
  id: z.string(),
  tenant: z.string(),
  name: z.string(),
  scopes: z.string(),
  seeded: z.number(),
  created_at: z.number(),
});
const REMEMBERED_MS = 10_000;
const MAX_REMEMBERED = 1000;
/** All the keys there are, by how their hashes begin; with more of them, guesses go on costing a read each. */
const START_CHARS = 16;
const MAX_STARTS = 10_000;
const Start = z.object({ start: z.string() });
const Scopes = z.array(z.enum(SCOPES));
const COLUMNS = "id, tenant, name, scopes, seeded, created_at";

const toKey = ({ id, tenant, name, scopes, seeded, created_at }: z.infer<typeof Row>): Key => ({
  id,
  tenant,
  name,
  scopes: Scopes.parse(JSON.parse(scopes)),
  createdAt: created_at,
  seeded: seeded === 1,
});

export function createKeys(db: D1Database, now: () => number): Keys {
  const remembered = new Map<string, { readonly key: Key; readonly until: number }>();
  const mayExist = createMayExist(db, now);
  return {
    mayExist: async (hash) => remembered.has(hash) || mayExist.ask(hash),
    async find(hash) {
      const known = remembered.get(hash);
      if (known !== undefined && known.until > now()) return known.key;
      remembered.delete(hash);
      const [row] = await queryRows(db, Row, `SELECT ${COLUMNS} FROM keys WHERE hash = ? AND revoked_at IS NULL`, hash);
      const key = row && toKey(row);
      if (key !== undefined && remembered.size < MAX_REMEMBERED) remembered.set(hash, { key, until: now() + REMEMBERED_MS });
      return key;
    },
    async add({ id, tenant, name, scopes, createdAt, seeded }, hash) {
      const sql = `INSERT INTO keys (${COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?)`;
      await execute(db, [sql, id, tenant, name, JSON.stringify(scopes), seeded ? 1 : 0, createdAt, hash]);
      mayExist.forget();
    },
    async list(tenant) {
      const sql = `SELECT ${COLUMNS} FROM keys WHERE tenant = ? AND revoked_at IS NULL ORDER BY created_at, id`;
      return (await queryRows(db, Row, sql, tenant)).map(toKey);
    },
    async revoke(tenant, id) {
      const [changed = 0] = await execute(db, [
        "UPDATE keys SET revoked_at = ? WHERE tenant = ? AND id = ? AND revoked_at IS NULL",
        now(),
        tenant,
        id,
      ]);
      remembered.clear();
      return changed > 0;
    },
  };
}

function createMayExist(db: D1Database, now: () => number) {
  let known: ReadonlySet<string> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  const forget = () => {
    known = undefined;
  };
  return {
    forget,
    async ask(hash: string): Promise<boolean> {
      if (known === undefined || now() - readAt >= REMEMBERED_MS) {
        readAt = now(); // the others go by what is known meanwhile
        const sql = `SELECT substr(hash, 1, ${START_CHARS}) AS start FROM keys WHERE revoked_at IS NULL LIMIT ${MAX_STARTS + 1}`;
        known = new Set((await queryRows(db, Start, sql)).map(({ start }) => start));
      }
      return known.size > MAX_STARTS || known.has(hash.slice(0, START_CHARS));
    },
  };
}
