/** The answer that a `respond` node decided. It comes from our origin but is a user's: nothing that binds the whole origin, and a sandbox for browsers. */
const FORBIDDEN_HEADERS: ReadonlySet<string> = new Set([
  "alt-svc",
  "clear-site-data",
  "connection",
  "content-encoding",
  "content-length",
  "content-security-policy",
  "date",
  "keep-alive",
  "nel",
  "report-to",
  "reporting-endpoints",
  "service-worker-allowed",
  "set-cookie",
  "set-cookie2",
  "strict-transport-security",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "x-content-type-options",
  "x-request-id",
]);
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);
const MAX_HEADERS = 50;

/** `data`: `{status, headers, body}`; text is sent as it is, everything else as JSON. */
export function respondAnswer(data: unknown): Response {
  const fields = new Map<string, unknown>(typeof data === "object" && data !== null ? Object.entries(data) : []);
  const status = statusOf(fields.get("status"));
  const body = fields.get("body");
  const headers = new Headers({ "content-type": typeof body === "string" ? "text/plain; charset=utf-8" : "application/json" });
  addHeaders(headers, fields.get("headers"));
  headers.set("content-security-policy", "sandbox");
  headers.set("x-content-type-options", "nosniff");
  const hasBody = !WITHOUT_BODY.has(status) && body !== undefined;
  if (!hasBody) headers.delete("content-type");
  return new Response(hasBody ? (typeof body === "string" ? body : JSON.stringify(body)) : null, { status, headers });
}

const statusOf = (status: unknown): number =>
  typeof status === "number" && Number.isInteger(status) && status >= 200 && status <= 599 ? status : 200;

function addHeaders(headers: Headers, given: unknown): void {
  if (typeof given !== "object" || given === null) return;
  for (const [name, value] of Object.entries(given).slice(0, MAX_HEADERS)) {
    if (FORBIDDEN_HEADERS.has(name.toLowerCase()) || !["string", "number", "boolean"].includes(typeof value)) continue;
    try {
      headers.set(name, String(value));
    } catch {
      // No valid name or value of a header: left out, for the answer is worth more than one field of it.
    }
  }
}
