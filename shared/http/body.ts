/** Reads bodies: by stream under a limit, strict UTF-8, JSON that is not nested too deep. */
import { ArcrunError } from "../model/errors.ts";
import { MAX_BODY_BYTES, MAX_JSON_DEPTH } from "../model/limits.ts";

/** So much of a body that is too large is still read and dropped: a client that is cut off while it sends never sees why. */
const MAX_DRAINED_BYTES = 4 * MAX_BODY_BYTES;

export const JSON_TYPE = /^(?:application|text)\/(?:[a-z0-9.!#$&^_-]+\+)?json$/;
export const YAML_TYPE = /^(?:application|text)\/(?:x-)?yaml$/;

/** The media type in lower case without parameters; empty if none is given. Throws for any charset but UTF-8. */
export function mediaType(request: Request): string {
  const [type = "", ...parameters] = (request.headers.get("content-type") ?? "").toLowerCase().split(";");
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(parameter)?.[1])
    .find((found) => found !== undefined);
  if (charset !== undefined && charset !== "utf-8" && charset !== "utf8")
    throw new ArcrunError("unsupported_media_type", "bodies are UTF-8");
  return type.trim();
}

/** The raw bytes. Throws `payload_too_large`, `unsupported_encoding`. */
export async function readBytes(request: Request, maxBytes: number = MAX_BODY_BYTES): Promise<Uint8Array> {
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  if (encoding !== "" && encoding !== "identity") throw new ArcrunError("unsupported_encoding", "send the body without Content-Encoding");
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let total = 0;
  // The stream of a request gives bytes; its type says `any`.
  const reader = (request.body as ReadableStream<Uint8Array>).getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    total += next.value.byteLength;
    if (total <= maxBytes) chunks.push(next.value);
    else chunks.length = 0;
    if (total > MAX_DRAINED_BYTES) {
      await reader.cancel();
      break;
    }
  }
  if (total > maxBytes) throw new ArcrunError("payload_too_large", `a body may have ${maxBytes} bytes`);
  return new Uint8Array(Buffer.concat(chunks));
}

/** Reads and drops a body that nobody has read: a client that is cut off while it sends never sees the answer. Never throws. */
export async function drain(request: Request): Promise<void> {
  if (request.bodyUsed || request.body === null) return;
  try {
    // The stream of a request gives bytes; its type says `any`.
    const reader = (request.body as ReadableStream<Uint8Array>).getReader();
    let total = 0;
    for (let next = await reader.read(); !next.done && total <= MAX_DRAINED_BYTES; next = await reader.read())
      total += next.value.byteLength;
  } catch {
    // The client has gone, or somebody reads it yet: there is nobody to be told, or nothing to drop.
  }
}

/** Throws `utf8_invalid`. A byte order mark is dropped. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (cause) {
    throw new ArcrunError("utf8_invalid", "the body is not UTF-8", { cause });
  }
}

/** Throws `json_invalid`, `json_too_deep`. Keys like `__proto__` are data: nothing may be merged by assignment later. */
export function parseJson(text: string): unknown {
  checkDepth(text);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ArcrunError("json_invalid", "the body is not JSON", { cause });
  }
}

/** Counts brackets outside of strings, before anything that recurses sees the text. */
export function checkDepth(text: string): void {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (inString) {
      if (char === 0x5c) i++;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x5b || char === 0x7b) depth++;
    else if (char === 0x5d || char === 0x7d) depth--;
    if (depth > MAX_JSON_DEPTH) throw new ArcrunError("json_too_deep", `JSON may nest ${MAX_JSON_DEPTH} levels`);
  }
}

/** A JSON body; none at all is `{}`. Throws as the functions above, and `unsupported_media_type`. */
export async function readJson(request: Request, maxBytes: number = MAX_BODY_BYTES): Promise<unknown> {
  requireJson(request);
  const bytes = await readBytes(request, maxBytes);
  return bytes.byteLength === 0 ? {} : parseJson(decodeUtf8(bytes));
}

/** No type at all is taken for JSON. */
export function requireJson(request: Request): void {
  const type = mediaType(request);
  if (type !== "" && !JSON_TYPE.test(type))
    throw new ArcrunError("unsupported_media_type", "send JSON, with Content-Type: application/json");
}
