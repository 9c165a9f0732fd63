/**
 * Secrets in D1: AES-GCM under a key that HKDF derives from the master key. Tenant and name are authenticated with each
 * one, so a row that is moved to another tenant or name does not open.
 */
import { z } from "zod";
import { ArcrunError } from "../model/errors.ts";
import type { Credentials } from "../ports.ts";
import { execute, queryRows } from "./d1-query.ts";

const NONCE_BYTES = 12;
const ListRow = z.object({ name: z.string(), hosts: z.string(), created_at: z.number() });
const SecretRow = z.object({ hosts: z.string(), nonce: z.string(), ciphertext: z.string() });
const Hosts = z.array(z.string());

async function deriveKey(masterKey: string): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey("raw", new TextEncoder().encode(masterKey), "HKDF", false, ["deriveKey"]);
  const info = new TextEncoder().encode("arcrun credentials v1");
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info },
    base,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}

const authenticated = (tenant: string, name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.from(JSON.stringify([tenant, name])));
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, "base64"));

export function createCredentials(db: D1Database, masterKey: string, now: () => number): Credentials {
  let derived: Promise<CryptoKey> | undefined;
  const key = () => (derived ??= deriveKey(masterKey));
  return {
    async put(tenant, name, value, hosts) {
      const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      const sealed = await crypto.subtle.encrypt(
        { name: "AES-GCM", iv, additionalData: authenticated(tenant, name) },
        await key(),
        new TextEncoder().encode(value),
      );
      const row = [tenant, name, JSON.stringify(hosts), base64(iv), base64(new Uint8Array(sealed)), now()] as const;
      const columns = "tenant, name, hosts, nonce, ciphertext, created_at";
      const [inserted = 0] = await execute(
        db,
        [`INSERT INTO credentials (${columns}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, name) DO NOTHING`, ...row],
        ["UPDATE credentials SET hosts = ?, nonce = ?, ciphertext = ? WHERE tenant = ? AND name = ?", row[2], row[3], row[4], tenant, name],
      );
      return inserted > 0 ? "created" : "replaced";
    },
    async list(tenant) {
      const rows = await queryRows(db, ListRow, "SELECT name, hosts, created_at FROM credentials WHERE tenant = ? ORDER BY name", tenant);
      return rows.map(({ name, hosts, created_at }) => ({ name, hosts: Hosts.parse(JSON.parse(hosts)), createdAt: created_at }));
    },
    async remove(tenant, name) {
      const [removed = 0] = await execute(db, ["DELETE FROM credentials WHERE tenant = ? AND name = ?", tenant, name]);
      return removed > 0;
    },
    async reveal(tenant, name) {
      const [row] = await queryRows(
        db,
        SecretRow,
        "SELECT hosts, nonce, ciphertext FROM credentials WHERE tenant = ? AND name = ?",
        tenant,
        name,
      );
      if (!row) return undefined;
      const value = await openSealed(await key(), row, authenticated(tenant, name));
      return { value, hosts: Hosts.parse(JSON.parse(row.hosts)) };
    },
  };
}

async function openSealed(key: CryptoKey, row: z.infer<typeof SecretRow>, additionalData: Uint8Array<ArrayBuffer>): Promise<string> {
  try {
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytesOf(row.nonce), additionalData }, key, bytesOf(row.ciphertext));
    return new TextDecoder().decode(plain);
  } catch (cause) {
    throw new ArcrunError("credential.missing", "a stored secret cannot be opened with this master key; store it again", { cause });
  }
}
