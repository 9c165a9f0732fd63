/** Who asks: the key alone decides the tenant (R10). Keys are known by their SHA-256 only. */
import type { FailureBudget } from "../failure-budget.ts";
import { sha256Hex } from "../ids.ts";
import { ArcrunError } from "../model/errors.ts";
import type { Key, Keys, Scope } from "../ports.ts";

const API_KEY = /^ak_[0-9a-f]{48}$/;

/** The key as it was sent, right or wrong. A bearer token of another kind is a wrong key. */
export function presentedKey(headers: Headers): string | undefined {
  const header = headers.get("x-arcrun-api-key");
  if (header !== null) return header.trim();
  const bearer = /^bearer\s+(.*)$/i.exec(headers.get("authorization")?.trim() ?? "");
  return bearer?.[1];
}

export type AuthDeps = { readonly keys: Pick<Keys, "find" | "mayExist">; readonly failures: FailureBudget };

/** Throws `api_key_missing`, `api_key_invalid` (wrong and revoked alike), and `rate_limited` instead of it. */
export async function authenticate({ keys, failures }: AuthDeps, headers: Headers): Promise<Key> {
  const presented = presentedKey(headers);
  if (presented === undefined) throw new ArcrunError("api_key_missing", "send your API key in the header X-Arcrun-API-Key");
  const hash = sha256Hex(presented);
  const isWorthARead = API_KEY.test(presented) && (!failures.isSpent(headers) || (await keys.mayExist(hash)));
  const key = isWorthARead ? await keys.find(hash) : undefined;
  if (!key) throw failures.refusal(headers, new ArcrunError("api_key_invalid", "this API key is unknown or was revoked"));
  return key;
}

/** No scope implies another. Throws `forbidden`. */
export function requireScope(key: Key, scope: Scope): void {
  if (!key.scopes.includes(scope)) throw new ArcrunError("forbidden", `this key lacks the scope ${scope}`);
}
