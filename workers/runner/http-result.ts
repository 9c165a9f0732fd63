/** What came back, as the data of a node. */
import { ArcrunError } from "../../shared/model/errors.ts";
import type { HttpRequest } from "./http-request.ts";
import { readRetryAfter } from "./retry-after.ts";
import type { Secrets } from "./secrets.ts";

/** `body` is the text (or base64), `json` the parsed body where there is one. */
export type HttpResult = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly json?: unknown;
  readonly retry_after_ms?: number;
};

/** The body, counted while it streams: what is too large is not read to its end. */
export async function readCapped(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the stream.
    if (bytes > maxBytes) throw new ArcrunError("egress.response_too_large", `the answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return joined(chunks, bytes);
}

function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const [only, ...more] = chunks;
  if (only !== undefined && more.length === 0) return only;
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

export function toResult(
  response: Response,
  bytes: Uint8Array,
  wanted: HttpRequest["response"],
  secrets: Secrets,
  now: number,
): HttpResult {
  const headers = Object.fromEntries([...response.headers].map(([name, value]) => [name, secrets.redact(value)]));
  const retryAfterMs = readRetryAfter(response.headers.get("retry-after"), now);
  const common = { status: response.status, headers, ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }) };
  if (wanted === "base64") return { ...common, body: Buffer.from(secrets.redactBytes(bytes)).toString("base64") };
  const body = secrets.redact(new TextDecoder().decode(bytes));
  const isJson = wanted === "json" || (wanted === "auto" && /[/+]json\b/i.test(response.headers.get("content-type") ?? ""));
  const json = isJson ? parsed(body, wanted === "json") : undefined;
  return json === undefined ? { ...common, body } : { ...common, body, json };
}

function parsed(body: string, isDemanded: boolean): unknown {
  try {
    return JSON.parse(body);
  } catch {
    if (isDemanded) throw new ArcrunError("http.not_json", "the answer is no JSON, though JSON was asked for");
    return undefined;
  }
}
