/**
 * Names that cannot be guessed or forged. A run id carries a MAC over its tenant, a callback token one over its wait: an
 * unknown, foreign or forged one is refused by arithmetic alone, without touching (and thereby creating) an object (R10).
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { MAX_STEP_KEY_CHARS } from "./model/limits.ts";
import type { WaitRef } from "./run-view.ts";

const UNIQUE_CHARS = 24;
const MAC_CHARS = 20;
const RUN_ID = new RegExp(`^run_[0-9a-f]{${UNIQUE_CHARS}}[0-9a-f]{${MAC_CHARS}}$`);
const MAX_VERIFIED = 10_000;
const MAX_TOKEN_CHARS = 3 * MAX_STEP_KEY_CHARS;

export const sha256Hex = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

const mac = (key: string, purpose: string, fields: readonly (string | number)[]): Buffer =>
  createHmac("sha256", key)
    .update(JSON.stringify([purpose, ...fields]))
    .digest();

/** One comparison, whatever was given. */
function sameBytes(given: Uint8Array, wanted: Uint8Array): boolean {
  const isAsLong = given.byteLength === wanted.byteLength;
  return timingSafeEqual(isAsLong ? given : wanted, wanted) && isAsLong;
}

export type Ids = {
  /** `unique`: random text, or what names the delivery (so that the same delivery is the same run). */
  runId(tenant: string, unique: string): string;
  /** Whether this id was minted for this tenant. */
  isRunOf(tenant: string, runId: string): boolean;
  callbackToken(tenant: string, runId: string, ref: WaitRef): string;
  readToken(token: string): { readonly tenant: string; readonly runId: string; readonly ref: WaitRef } | undefined;
  /** R4: the same for all attempts of a step, another after a redrive and for every call. */
  idempotencyKey(tenant: string, runId: string, step: string, generation: number, call: number): string;
  /** Makes the handle that stands for a secret inside a step; user data cannot hold a valid one. */
  secretHandle(runId: string, name: string): string;
  /** Key of the signatures on what Arcrun POSTs to users' addresses, by tenant; raw bytes. */
  signingKey(tenant: string): Uint8Array;
};

export function createIds(masterKey: string): Ids {
  const runMac = (tenant: string, unique: string) => mac(masterKey, "run", [tenant, unique]).toString("hex").slice(0, MAC_CHARS);
  const tokenMac = (payload: string) => mac(masterKey, "callback", [payload]).toString("base64url");
  const verified = new Set<string>(); // every message of a run asks again
  return {
    runId(tenant, unique) {
      const name = sha256Hex(JSON.stringify([tenant, unique])).slice(0, UNIQUE_CHARS);
      return `run_${name}${runMac(tenant, name)}`;
    },
    isRunOf(tenant, runId) {
      if (!RUN_ID.test(runId)) return false;
      const known = `${runId} ${tenant}`;
      if (verified.has(known)) return true;
      const unique = runId.slice(4, 4 + UNIQUE_CHARS);
      const isGenuine = sameBytes(Buffer.from(runId.slice(4 + UNIQUE_CHARS)), Buffer.from(runMac(tenant, unique)));
      if (isGenuine) {
        if (verified.size >= MAX_VERIFIED) verified.clear();
        verified.add(known);
      }
      return isGenuine;
    },
    callbackToken(tenant, runId, { step, generation, wait }) {
      const payload = Buffer.from(JSON.stringify([1, tenant, runId, step, generation, wait])).toString("base64url");
      return `${payload}.${tokenMac(payload)}`;
    },
    readToken(token) {
      const [payload = "", signature = "", ...rest] = token.length > MAX_TOKEN_CHARS ? [] : token.split(".");
      const genuine = sameBytes(Buffer.from(signature), Buffer.from(tokenMac(payload)));
      return genuine && rest.length === 0 ? parsePayload(payload) : undefined;
    },
    idempotencyKey: (tenant, runId, step, generation, call) =>
      mac(masterKey, "idempotency", [tenant, runId, step, generation, call]).toString("hex").slice(0, 48),
    secretHandle: (runId, name) => `arcrun-secret:${name}:${mac(masterKey, "secret", [runId, name]).toString("hex").slice(0, 32)}`,
    signingKey: (tenant) => mac(masterKey, "signing", [tenant]),
  };
}

function parsePayload(payload: string): ReturnType<Ids["readToken"]> {
  const fields: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
  if (!Array.isArray(fields) || fields.length !== 6) return undefined;
  const [v, tenant, runId, step, generation, wait] = fields;
  if (v !== 1 || typeof tenant !== "string" || typeof runId !== "string" || typeof step !== "string") return undefined;
  return typeof generation === "number" && typeof wait === "number" ? { tenant, runId, ref: { step, generation, wait } } : undefined;
}

/** The name of the Durable Object that keeps the slots of a key. */
export const slotObjectName = (tenant: string, kind: string, key: string): string => sha256Hex(JSON.stringify(["slot", tenant, kind, key]));

/** The name of a run's Durable Object: it holds the tenant, so no tenant can name another's. */
export const runObjectName = (tenant: string, runId: string): string => sha256Hex(JSON.stringify(["run", tenant, runId]));
