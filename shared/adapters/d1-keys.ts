/** API keys in D1. Nothing is kept in memory: a revoked key is refused at once. */
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
  return {
    async find(hash) {
      const [row] = await queryRows(db, Row, `SELECT ${COLUMNS} FROM keys WHERE hash = ? AND revoked_at IS NULL`, hash);
      return row && toKey(row);
    },
    async add({ id, tenant, name, scopes, createdAt, seeded }, hash) {
      const sql = `INSERT INTO keys (${COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?)`;
      await execute(db, [sql, id, tenant, name, JSON.stringify(scopes), seeded ? 1 : 0, createdAt, hash]);
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
      return changed > 0;
    },
  };
}
