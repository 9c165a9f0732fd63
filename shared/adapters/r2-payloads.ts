/** Values over 32 KB as R2 objects `tenant/run/sha256` (R7). What is read is checked against its name. */
import { sha256Hex } from "../ids.ts";
import { ArcrunError } from "../model/errors.ts";
import { MAX_INLINE_BYTES } from "../model/limits.ts";
import type { Payloads } from "../ports.ts";

export const payloadKey = (tenant: string, runId: string, sha256: string): string => `${tenant}/${runId}/${sha256}`;

export function createPayloads(bucket: R2Bucket): Payloads {
  return {
    async put(tenant, runId, json) {
      const bytes = Buffer.byteLength(json);
      if (bytes <= MAX_INLINE_BYTES) return { json };
      const sha256 = sha256Hex(json);
      try {
        await bucket.put(payloadKey(tenant, runId, sha256), json, { httpMetadata: { contentType: "application/json" } });
      } catch (cause) {
        throw new ArcrunError("storage_unavailable", "the payload store does not answer; try again", { cause });
      }
      return { sha256, bytes };
    },
    async get(tenant, runId, value) {
      if ("json" in value) return value.json;
      const text = await read(bucket, payloadKey(tenant, runId, value.sha256));
      if (text === undefined || sha256Hex(text) !== value.sha256) {
        throw new ArcrunError("value.missing", `the stored value ${value.sha256} is gone or damaged`);
      }
      return text;
    },
  };
}

async function read(bucket: R2Bucket, key: string): Promise<string | undefined> {
  try {
    const object = await bucket.get(key);
    return await object?.text();
  } catch (cause) {
    throw new ArcrunError("storage_unavailable", "the payload store does not answer; try again", { cause });
  }
}
