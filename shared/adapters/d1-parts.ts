/** The names of uploaded parts in D1, and what they point at. Nothing is kept in memory: an upload counts from the next push or start. */
import { z } from "zod";
import type { PartManifest } from "../part-manifest.ts";
import { contractOf, partInfo } from "../part-info.ts";
import type { UploadedPart, UploadedParts } from "../ports.ts";
import { execute, queryRows } from "./d1-query.ts";

/** Of a list; nobody has so many. */
const MAX_LISTED_PARTS = 1000;

const Row = z.object({ manifest: z.string(), created_at: z.number() });
const NameRow = z.object({ name: z.string() });
const DigestRow = z.object({ name: z.string(), digest: z.string() });

const toPart = ({ manifest, created_at }: z.infer<typeof Row>): UploadedPart => ({
  // Written by `push` from a manifest that was parsed.
  manifest: JSON.parse(manifest) as PartManifest,
  createdAt: created_at,
});

const NEWEST = `SELECT manifest, created_at FROM part_versions AS one WHERE tenant = ?1
  AND pushed = (SELECT max(pushed) FROM part_versions AS other WHERE other.tenant = one.tenant AND other.name = one.name)`;

export function createUploadedParts(db: D1Database): UploadedParts {
  return {
    push: (tenant, part) => pushPart(db, tenant, part),
    async newest(tenant, names) {
      const sql = `${NEWEST} AND name IN (SELECT value FROM json_each(?2)) ORDER BY name`;
      return (await queryRows(db, Row, sql, tenant, JSON.stringify(names))).map(toPart);
    },
    async digests(tenant, wanted) {
      // SQLite takes the other columns from the row that has the maximum.
      const sql = `SELECT name, digest, max(pushed) FROM part_versions
        JOIN json_each(?2) AS wanted ON name = wanted.value ->> 'name' AND contract = wanted.value ->> 'contract'
        WHERE tenant = ?1 GROUP BY name`;
      const rows = await queryRows(db, DigestRow, sql, tenant, JSON.stringify(wanted));
      return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]));
    },
    async names(tenant) {
      const sql = "SELECT DISTINCT name FROM part_versions WHERE tenant = ? ORDER BY name LIMIT ?";
      return (await queryRows(db, NameRow, sql, tenant, MAX_LISTED_PARTS)).map(({ name }) => name);
    },
    async list(tenant) {
      return (await queryRows(db, Row, `${NEWEST} ORDER BY name LIMIT ?2`, tenant, MAX_LISTED_PARTS)).map(toPart);
    },
    async remove(tenant, name) {
      const [removed = 0] = await execute(db, ["DELETE FROM part_versions WHERE tenant = ? AND name = ?", tenant, name]);
      return removed > 0;
    },
  };
}

async function pushPart(db: D1Database, tenant: string, { manifest, createdAt }: UploadedPart): Promise<boolean> {
  const { name, digest } = manifest;
  const [inserted = 0] = await execute(
    db,
    [
      `INSERT INTO part_versions (tenant, name, digest, contract, manifest, created_at, pushed) VALUES (?, ?, ?, ?, ?, ?, 0)
       ON CONFLICT (tenant, name, digest) DO NOTHING`,
      tenant,
      name,
      digest,
      contractOf(partInfo(manifest)),
      JSON.stringify(manifest),
      createdAt,
    ],
    [
      `UPDATE part_versions SET pushed = 1 + (SELECT max(pushed) FROM part_versions WHERE tenant = ?1 AND name = ?2)
       WHERE tenant = ?1 AND name = ?2 AND digest = ?3`,
      tenant,
      name,
      digest,
    ],
  );
  return inserted > 0;
}
