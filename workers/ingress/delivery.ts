/** What a delivery says beside its input: how long it waits, which delivery it is, where the result goes. */
import { invalid } from "../../shared/http/problem.ts";
import { ArcrunError } from "../../shared/model/errors.ts";
import { MAX_HTTP_WAIT_SECONDS } from "../../shared/model/limits.ts";

const IDEMPOTENCY_KEY = /^[\x20-\x7e]{1,255}$/;
const MAX_URL_CHARS = 2048;

/** Seconds from `?wait=` or `Prefer: wait=`, at most 25; undefined: the caller does not wait. Throws `validation_failed`. */
export function waitSeconds(headers: Headers, query: URLSearchParams): number | undefined {
  const asked = query.get("wait") ?? /(?:^|[,;])\s*wait\s*=\s*"?(\d+(?:\.\d+)?)/i.exec(headers.get("prefer") ?? "")?.[1] ?? null;
  if (asked === null) return undefined;
  if (!/^\d{1,6}(\.\d{1,6})?$/.test(asked)) throw invalid("/wait", "expected a number of seconds");
  return Math.min(Number(asked), MAX_HTTP_WAIT_SECONDS);
}

/** Throws `idempotency_key_invalid`. */
export function callerIdempotency(headers: Headers): { readonly source: string; readonly key: string } | undefined {
  const key = headers.get("idempotency-key");
  if (key === null) return undefined;
  if (!IDEMPOTENCY_KEY.test(key))
    throw new ArcrunError("idempotency_key_invalid", "an idempotency key is 1 to 255 printable ASCII characters");
  return { source: "caller", key };
}

/** `?final_callback_url=` or the header `Arcrun-Final-Callback`. Whether the address may be called, egress decides when it is. */
export function finalCallbackUrl(headers: Headers, query: URLSearchParams): string | undefined {
  const url = query.get("final_callback_url") ?? headers.get("arcrun-final-callback");
  if (url === null) return undefined;
  const isWeb = url.length <= MAX_URL_CHARS && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (!isWeb) throw invalid("/final_callback_url", "expected an http or https address");
  return url;
}

/** The input without the `api_key` that old clients send in it. Throws `api_key_ambiguous` if it is not the one that was used. */
export function takeApiKey(body: unknown, presented: string | undefined): unknown {
  if (typeof body !== "object" || body === null || Array.isArray(body) || !Object.hasOwn(body, "api_key")) return body;
  const fields = Object.entries(body);
  const [, inBody] = fields.find(([name]) => name === "api_key") ?? [];
  if (presented !== undefined && inBody !== presented)
    throw new ArcrunError("api_key_ambiguous", "the body names another API key than the header");
  return Object.fromEntries(fields.filter(([name]) => name !== "api_key"));
}
