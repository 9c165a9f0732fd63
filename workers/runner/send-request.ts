/**
 * Egress: the only way out (R11). Every request of a part, a recipe, a poll and a final callback goes through here.
 *
 * Invariants
 * G1  The URL object that was checked is the one that is fetched, on every hop.
 * G2  A secret is put in here and nowhere else (R12), only for a host it was stored for, and is taken out of everything that comes back.
 * G3  Bytes, hops and time are bounded; every refusal is the same `egress.denied`.
 * G4  A host that asked to be left alone is not called: nothing has been sent when `HostQuiet` is thrown.
 */
import { ArcrunError } from "../../shared/model/errors.ts";
import { MAX_OUTPUT_BYTES } from "../../shared/model/limits.ts";
import type { RunnerDeps } from "./deps.ts";
import { checkTarget, denied } from "./egress-target.ts";
import { bodyOf, type HttpRequest } from "./http-request.ts";
import { type HttpResult, readCapped, toResult } from "./http-result.ts";
import { HostQuiet } from "./quiet-hosts.ts";
import { createSecrets, type Secrets } from "./secrets.ts";

export type EgressContext = {
  readonly tenant: string;
  readonly runId: string;
  readonly idempotencyKey: string;
  readonly hosts: "any" | readonly string[];
  /** Milliseconds of the epoch at which the attempt is over. */
  readonly deadline: number;
};

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Of the connection, not of the request. */
const HOP_HEADERS = [
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "upgrade",
  "keep-alive",
  "proxy-authorization",
  "te",
  "trailer",
];

type Hop = { readonly url: URL; readonly method: string; readonly headers: Headers; readonly body: Uint8Array | undefined };

export async function sendRequest(request: HttpRequest, context: EgressContext, deps: RunnerDeps): Promise<HttpResult> {
  const secrets = createSecrets(context, deps);
  const allowedMs = Math.min(request.timeout ?? Number.POSITIVE_INFINITY, context.deadline - deps.now());
  if (allowedMs <= 0) throw timedOut(allowedMs);
  const signal = AbortSignal.timeout(allowedMs);
  try {
    const response = await follow(await firstHop(request, context, secrets), request.follow_redirects, { context, secrets, signal, deps });
    const bytes = await readCapped(response, MAX_OUTPUT_BYTES);
    return toResult(response, bytes, request.response, secrets, deps.now());
  } catch (thrown) {
    if (thrown instanceof HostQuiet) throw thrown;
    if (signal.aborted) throw timedOut(allowedMs);
    throw thrown instanceof ArcrunError
      ? thrown
      : new ArcrunError("egress.failed", `the connection failed: ${secrets.redact(String(thrown)).slice(0, 200)}`);
  }
}

const timedOut = (ms: number): ArcrunError => new ArcrunError("part.timed_out", `no answer within ${Math.max(0, Math.round(ms))} ms`);

async function firstHop(request: HttpRequest, context: EgressContext, secrets: Secrets): Promise<Hop> {
  const url = checkTarget(await secrets.reveal(request.url), context.hosts);
  for (const [name, value] of Object.entries(request.query)) url.searchParams.append(name, await secrets.reveal(value));
  const body = bodyOf(await withSecrets(request, secrets));
  const headers = new Headers();
  if (body !== undefined) headers.set("content-type", body.type);
  headers.set("user-agent", "arcrun");
  if (!HOP_HEADERS.includes(request.idempotency_header.toLowerCase()))
    setHeader(headers, request.idempotency_header, context.idempotencyKey);
  for (const [name, value] of Object.entries(request.headers)) {
    if (HOP_HEADERS.includes(name.toLowerCase())) continue;
    setHeader(headers, name, await secrets.reveal(value));
  }
  secrets.checkHost(url);
  return { url, method: request.method, headers, body: request.method === "GET" || request.method === "HEAD" ? undefined : body?.bytes };
}

async function withSecrets(request: HttpRequest, secrets: Secrets): Promise<HttpRequest> {
  const [body, body_json] = [await secrets.revealIn(request.body), await secrets.revealIn(request.body_json)];
  if (request.form === undefined) return { ...request, body, body_json };
  const fields = Object.entries(request.form).map(async ([name, value]) => [name, await secrets.reveal(value)] as const);
  return { ...request, form: Object.fromEntries(await Promise.all(fields)) };
}

function setHeader(headers: Headers, name: string, value: string): void {
  try {
    headers.set(name, value);
  } catch {
    throw new ArcrunError("http.invalid_request", `the header "${name.slice(0, 64)}" is not one that can be sent`);
  }
}

type Journey = { readonly context: EgressContext; readonly secrets: Secrets; readonly signal: AbortSignal; readonly deps: RunnerDeps };

/** By hand, each hop checked again; what is confidential stays behind when the host changes. */
async function follow(first: Hop, isFollowed: boolean, { context, secrets, signal, deps }: Journey): Promise<Response> {
  let hop = first;
  for (let hops = 0; ; hops++) {
    if (hops === 0) deps.quietHosts.check(context.tenant, hop.url.host);
    const response = await deps.transport({ ...hop, signal });
    deps.quietHosts.note(context.tenant, hop.url.host, response);
    const location = response.headers.get("location");
    if (!isFollowed || !REDIRECTS.has(response.status) || location === null) return response;
    await response.body?.cancel();
    if (hops >= MAX_REDIRECTS) throw new ArcrunError("egress.too_many_redirects", `more than ${MAX_REDIRECTS} redirects`);
    hop = nextHop(hop, response.status, checkTarget(location, context.hosts, hop.url), secrets);
  }
}

function nextHop(hop: Hop, status: number, url: URL, secrets: Secrets): Hop {
  const headers = new Headers(hop.headers);
  const isSameHost = url.host === hop.url.host && url.protocol === hop.url.protocol;
  const becomesGet = status === 303 || ((status === 301 || status === 302) && hop.method === "POST");
  if (becomesGet) headers.delete("content-type");
  if (!isSameHost) {
    for (const name of ["authorization", "cookie"]) headers.delete(name);
    for (const [name, value] of hop.headers) if (secrets.holdsOne(value)) headers.delete(name);
    if (!becomesGet && hop.body !== undefined && secrets.isUsed()) throw denied();
  }
  return becomesGet ? { url, method: hop.method === "HEAD" ? "HEAD" : "GET", headers, body: undefined } : { ...hop, url, headers };
}
