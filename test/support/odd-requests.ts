/** Requests to the addresses of the table of routes that nobody in his right mind would send, and what every answer must be. */
import fc from "fast-check";
import { ERROR_CODES } from "../../shared/model/errors.ts";
import { bodiesOf, BOUNDARY, oddText } from "./odd-bodies.ts";

export type OddRequest = {
  readonly method: string;
  /** With its query, ready for the wire. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
};
type RouteName = { readonly method: string; readonly path: string };

const encoder = new TextEncoder();

/** A segment of a path: escapes of what is no text, of separators and of nothing, and things that paths mean otherwise. */
const oddSegment = fc.oneof(
  fc.constantFrom(
    "%00",
    "%",
    "%zz",
    "%ff",
    "%ED%A0%80",
    "%2f",
    "%2e%2e",
    "..",
    ".",
    "",
    "*",
    ":id",
    "%250a",
    "%0d%0aX-A:1",
    "a;b",
    "a@b",
    "~",
    "__proto__",
    "x".repeat(2000),
  ),
  fc.string({ unit: "binary", maxLength: 12 }).map(escaped),
);
function escaped(text: string): string {
  return [...encoder.encode(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
}

const QUERIES = [
  "limit",
  "cursor",
  "since",
  "status",
  "version",
  "include",
  "full",
  "after",
  "workflow",
  "q",
  "category",
  "final_callback_url",
  "token",
  "__proto__",
];
const query = fc
  .array(fc.tuple(fc.constantFrom(...QUERIES), fc.oneof(oddText.map(escaped), oddSegment)), { maxLength: 3 })
  .map((pairs) => (pairs.length === 0 ? "" : `?${pairs.map((pair) => pair.join("=")).join("&")}`));

/** The paths of a route: with what is there in its holes, or what is odd, or with more or less behind it. */
function pathsOf({ path }: RouteName, known: Readonly<Record<string, string>>): fc.Arbitrary<string> {
  const segments = path.split("/").slice(1);
  const filled = segments.map((segment) => {
    if (!segment.startsWith(":")) return fc.constant(segment);
    const there = known[`${segments[0] ?? ""}${segment}`] ?? known[segment];
    return there === undefined ? oddSegment : fc.oneof({ weight: 3, arbitrary: fc.constant(there) }, { weight: 1, arbitrary: oddSegment });
  });
  const whole = fc.tuple(...filled).map((parts) => `/${parts.join("/")}`);
  const tail = fc.oneof({ weight: 8, arbitrary: fc.constant("") }, { weight: 1, arbitrary: oddSegment.map((odd) => `/${odd}`) });
  return fc.tuple(whole, tail, query).map((parts) => parts.join(""));
}

const TYPES = [
  "application/json",
  "application/yaml",
  `multipart/form-data; boundary=${BOUNDARY}`,
  "multipart/form-data",
  "application/x-www-form-urlencoded",
  "text/plain",
  "application/json; charset=latin1",
  "application/json;;;=",
  "",
  "x",
];
/** What may stand in a header is no matter of ours: the platform refuses the rest before us. */
const oddHeader = fc.oneof(
  fc.constantFrom("", "0", "-1", "1e9", "wait=0", "wait=x", "v1,x", "t=1,v1=x", "sha256=", "\xff", "a".repeat(2000), "gzip", "identity"),
  fc.stringMatching(/^[\x20-\x7e]{0,40}$/).map((text) => text.trim()),
);
const HEADERS = [
  "idempotency-key",
  "prefer",
  "last-event-id",
  "content-encoding",
  "x-hub-signature-256",
  "stripe-signature",
  "webhook-id",
  "webhook-timestamp",
  "arcrun-final-callback",
  "accept",
  "x-forwarded-host",
];
const METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW"];

/** `known`: what stands in the holes of paths, by `:name`, or by `runs:id` where it is a matter of the address. `keys`: the headers of callers. */
export function oddRequest(
  routes: readonly RouteName[],
  known: Readonly<Record<string, string>>,
  keys: readonly Readonly<Record<string, string>>[],
): fc.Arbitrary<OddRequest> {
  return fc.constantFrom(...routes).chain((route) => {
    const method = fc.oneof({ weight: 6, arbitrary: fc.constant(route.method) }, { weight: 1, arbitrary: fc.constantFrom(...METHODS) });
    const fitting = route.path === "/parts" ? `multipart/form-data; boundary=${BOUNDARY}` : "application/json";
    const type = fc.oneof({ weight: 3, arbitrary: fc.constant(fitting) }, { weight: 1, arbitrary: fc.constantFrom(...TYPES) });
    const extra = fc.dictionary(fc.constantFrom(...HEADERS), oddHeader, { maxKeys: 2, noNullPrototype: true });
    const odd = fc.record({
      method,
      path: pathsOf(route, known),
      key: fc.constantFrom(...keys),
      extra,
      type,
      body: fc.option(bodiesOf(route.path), { nil: undefined, freq: 6 }),
    });
    return odd.map(({ method: verb, path, key, extra: headers, type: contentType, body }) => ({
      method: verb,
      path,
      headers: { ...headers, ...key, ...(contentType === "" ? {} : { "content-type": contentType }) },
      body: verb === "GET" || verb === "HEAD" || body === undefined ? undefined : typeof body === "string" ? encoder.encode(body) : body,
    }));
  });
}

const INSIDE = /\n\s+at |\.[cm]?[jt]s:\d+|node_modules|file:\/\/|\/tmp\/|workerd|D1_ERROR|SQLITE|TypeError|RangeError|Error:/;

export type Answer = { readonly status: number; readonly headers: Headers; readonly text: string };

/** What is wrong with an answer; nothing if it is as all answers are. */
export function complaintsAbout({ method, path }: OddRequest, { status, headers, text }: Answer): readonly string[] {
  const type = headers.get("content-type") ?? "";
  const found = status >= 500 ? [`${status}: ${text}`] : [];
  if (headers.get("x-request-id") === null) found.push("it has no id");
  if (INSIDE.test(text)) found.push(`it tells of our inside: ${text}`);
  if (status < 400 || method === "HEAD") return found;
  // Who opens the link of an approval is a person, and gets a page.
  if (path.startsWith("/approvals/") && type.startsWith("text/html")) return found;
  if (type !== "application/problem+json") return [...found, `an error of type ${type}: ${text}`];
  const problem: Readonly<Record<string, unknown>> = JSON.parse(text);
  if (!Object.hasOwn(ERROR_CODES, String(problem["code"])) || problem["request_id"] !== headers.get("x-request-id"))
    found.push(`no problem: ${text}`);
  return found;
}
