/**
 * The local half of egress. A Worker can neither resolve a name nor pin an address, so the runner asks this loopback server:
 *
 *   POST /  authorization: Bearer TOKEN
 *           x-egress-url, x-egress-method, x-egress-headers (base64 of JSON [[name, value], …]), x-egress-timeout-ms; body = the body
 *   200     x-egress-status, x-egress-response-headers (as above); body = the decoded body, as it comes in
 *   403     x-egress-error: denied          the address is not one that parts may reach
 *   502     x-egress-error: failed|timeout  nothing came back
 *   400     x-egress-error: invalid         the request cannot be sent as it is
 *
 * 1. The addresses that were checked are the only ones that are connected to: the name is resolved once.
 * 2. Redirects are answers: following one is a new request, checked again.
 * 3. Every refusal looks the same and says nothing about what is there.
 * 4. It never hangs up first on an idle connection: workerd, coming out of a freeze, would send the next order down it, and the loss would be
 *    charged to a step.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { lookup } from "node:dns/promises";
import http from "node:http";
import https from "node:https";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { isPublicAddress, literalAddress } from "./egress-address.mjs";

const MAX_DECODED_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = { default: 60_000, most: 900_000 };
const METHOD = /^(?!CONNECT$|TRACE$)[A-Z]{1,20}$/;
/** Ours to set, or of the connection. */
const NOT_FORWARDED = new Set(
  [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
  ].concat(["proxy-authorization", "proxy-connection"]),
);
const DECODERS = { gzip: createGunzip, "x-gzip": createGunzip, deflate: createInflate, br: createBrotliDecompress };

class EgressError extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}
const STATUS = { denied: 403, failed: 502, timeout: 502, invalid: 400 };

/** `allow` is a list of `host:port` as URLs write them; more may be added with `allow()`. Resolves to `{ port, allow, close }`. */
export async function openEgressHalf({ token, allow, resolve = lookup }) {
  const allowed = new Set(allow);
  const server = http.createServer({ maxHeaderSize: 256 * 1024, requestTimeout: 0, keepAliveTimeout: 0 }, (request, response) => {
    if (!isBearer(request.headers.authorization, token)) return reply(request, response, 401, {});
    exchange(request, response, allowed, resolve).catch((error) => refuse(request, response, error));
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return {
    port: server.address().port,
    allow: (address) => allowed.add(address),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function exchange(request, response, allowed, resolve) {
  const order = readOrder(request.headers);
  const deadline = AbortSignal.timeout(order.timeoutMs);
  const addresses = await within(deadline, checkedAddresses(order.url, allowed, resolve));
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const answer = await send(request, order, addresses, AbortSignal.any([deadline, gone.signal])).catch((error) => {
    throw deadline.aborted ? new EgressError("timeout", `no answer within ${order.timeoutMs} ms`) : error;
  });
  const encoding = answer.headers["content-encoding"]?.trim().toLowerCase();
  const decode = Object.hasOwn(DECODERS, encoding ?? "") ? DECODERS[encoding] : undefined;
  const headers = pairs(answer.rawHeaders).filter(([name]) => !decode || !/^content-(encoding|length)$/i.test(name));
  response.writeHead(200, { "x-egress-status": answer.statusCode, "x-egress-response-headers": toBase64(headers) });
  const decoded = decode ? answer.pipe(capped(decode())) : answer;
  for (const stream of [answer, decoded]) stream.once("error", () => response.destroy());
  decoded.pipe(response);
}

function readOrder(headers) {
  const url = URL.canParse(headers["x-egress-url"] ?? "") ? new URL(headers["x-egress-url"]) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) throw new EgressError("denied", "not a web address");
  const method = headers["x-egress-method"] ?? "GET";
  if (!METHOD.test(method)) throw new EgressError("invalid", "not a method");
  const wanted = Number(headers["x-egress-timeout-ms"] ?? TIMEOUT_MS.default);
  const timeoutMs = Math.min(Math.max(Math.floor(wanted) || TIMEOUT_MS.default, 1), TIMEOUT_MS.most);
  return { url, method, timeoutMs, headers: fromBase64(headers["x-egress-headers"] ?? "") };
}

/** Resolves the name once, and to addresses all of which may be reached; one that may not condemns the name. */
export async function checkedAddresses(url, allowed, resolve = lookup) {
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  const isAllowed = allowed.has(`${url.hostname}:${port}`);
  if (!isAllowed && url.port !== "" && port !== 80 && port !== 443) throw denied();
  const literal = literalAddress(url.hostname);
  const found = literal ? [{ address: literal, family: literal.includes(":") ? 6 : 4 }] : await resolveName(url.hostname, resolve);
  if (!isAllowed && !found.every(({ address }) => isPublicAddress(address))) throw denied();
  return found;
}

async function resolveName(hostname, resolve) {
  const found = await resolve(hostname, { all: true, verbatim: true }).catch(() => []);
  if (found.length === 0) throw new EgressError("failed", "the host name has no address");
  return found;
}

const denied = () => new EgressError("denied", "this address may not be reached");

/** Resolves to the answer as soon as its headers are there. */
function send(request, { url, method, headers }, addresses, signal) {
  const { request: open, Agent } = url.protocol === "https:" ? https : http;
  const body = Number(request.headers["content-length"] ?? 1) > 0;
  const length = request.headers["content-length"];
  const sized = body && length ? [["Content-Length", length]] : body || !/^(POST|PUT|PATCH)$/.test(method) ? [] : [["Content-Length", "0"]];
  const forwarded = headers.filter(([name]) => !NOT_FORWARDED.has(name.toLowerCase()));
  return new Promise((resolve, reject) => {
    const upstream = open({
      agent: new Agent({ keepAlive: false }), // a kept connection may have been closed meanwhile, which would cost an attempt
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port || undefined,
      path: `${url.pathname}${url.search}`,
      method,
      signal,
      lookup: (_name, options, done) => (options.all ? done(null, addresses) : done(null, addresses[0].address, addresses[0].family)),
      setHost: false,
      headers: [["Host", url.host], ["Accept-Encoding", "identity"], ...forwarded, ...sized].flat(),
    });
    upstream.once("response", resolve);
    upstream.once("upgrade", (_answer, socket) => socket.destroy());
    upstream.once("error", (error) => reject(new EgressError("failed", reasonOf(error))));
    upstream.once("close", () => reject(new EgressError("failed", "the connection was closed without an answer")));
    if (body) request.pipe(upstream);
    else upstream.end();
  });
}

function capped(decoder) {
  let bytes = 0;
  decoder.on("data", (chunk) => {
    bytes += chunk.length;
    if (bytes > MAX_DECODED_BYTES) decoder.destroy(new EgressError("failed", "the decoded answer is too large"));
  });
  decoder.pause();
  return decoder;
}

function within(deadline, promise) {
  const late = new Promise((_resolve, reject) => {
    deadline.addEventListener("abort", () => reject(new EgressError("timeout", "the host name was not resolved in time")), { once: true });
  });
  return Promise.race([promise, late]);
}

function refuse(request, response, error) {
  if (response.headersSent) return response.destroy();
  const kind = error instanceof EgressError ? error.kind : "invalid"; // Node throws on a header that cannot be sent
  const message = error instanceof EgressError ? error.message : "the request has a header that cannot be sent";
  reply(request, response, STATUS[kind], { "x-egress-error": kind }, message);
}

function reply(request, response, status, headers, text = "") {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...headers });
  response.end(text);
  request.resume(); // so that the caller, who may still be sending, reads the answer
}

/** Says what happened and not where: an address in it would tell a tenant what a name resolves to. */
function reasonOf({ code }) {
  return code ? `the connection failed (${code})` : "the connection failed";
}

function isBearer(header, token) {
  const digest = (text) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(header ?? ""), digest(`Bearer ${token}`));
}

function pairs(raw) {
  return raw.flatMap((value, i) => (i % 2 === 0 ? [[value, raw[i + 1]]] : []));
}

function toBase64(headers) {
  return Buffer.from(JSON.stringify(headers)).toString("base64");
}

function fromBase64(text) {
  const headers = text === "" ? [] : JSON.parse(Buffer.from(text, "base64").toString("utf8"));
  if (!Array.isArray(headers) || !headers.every((pair) => pair.length === 2 && pair.every((part) => typeof part === "string"))) {
    throw new EgressError("invalid", "x-egress-headers is not a list of names and values");
  }
  return headers;
}
