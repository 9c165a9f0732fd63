/** The only listener of Arcrun: 127.0.0.1. Streams everything to workerd but its control routes, and answers 503 while there is none. */
import http from "node:http";
import { refuse, refuseUnread } from "./refuse.mjs";
import { StartError } from "./settings.mjs";

/** Of a connection, not of a message: RFC 9110, section 7.6.1. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"]);

/** Says who calls, as Cloudflare does: what the caller himself says there is dropped. */
const CALLER = "cf-connecting-ip";

/**
 * workerd hangs up on idle connections after 5 s, of which a machine that stood still knows nothing. So only what can be sent again goes over a
 * kept connection, and is sent again when that one turns out to be closed; all else gets a connection of its own.
 */
const IDLE_MS = 3000;
const isRepeatable = ({ method, headers }) => /^(GET|HEAD)$/.test(method) && !hasBody(headers);
const hasBody = ({ "content-length": length, "transfer-encoding": encoding }) => encoding !== undefined || Number(length ?? 0) > 0;

/** `port()` is where workerd listens now, undefined when it does not. Resolves when it listens, to the `http.Server`. */
export function openFrontDoor({ listen, port }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 64, timeout: IDLE_MS });
  const server = http.createServer({ requestTimeout: 0, keepAliveTimeout: 60_000, maxHeaderSize: 64 * 1024 }, (request, response) => {
    if (/^\/+cdn-cgi([/?]|$)/i.test(decoded(request.url))) return refuse(request, response, 404, "not_found", "there is nothing here");
    const target = port();
    if (target === undefined) return refuse(request, response, 503, "engine_unavailable", "the engine is starting; try again in a second");
    forward(request, response, { agent: isRepeatable(request) ? agent : false, port: target });
  });
  server.on("clientError", (error, socket) => refuseUnread(socket, error.code === "HPE_HEADER_OVERFLOW" ? 431 : 400));
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(new StartError(listenProblem(error, listen))));
    server.listen(listen, "127.0.0.1", () => resolve(server));
  });
}

/** `agent` false: over a connection of its own. */
function forward(request, response, { agent, port }) {
  const upstream = http.request({
    agent,
    host: "127.0.0.1",
    port,
    method: request.method,
    path: request.url,
    headers: [
      ...endToEnd(request.rawHeaders).filter(([name]) => name.toLowerCase() !== CALLER),
      [CALLER, request.socket.remoteAddress ?? "gone"],
    ],
    setHost: false,
  });
  upstream.on("response", (answer) => {
    response.writeHead(answer.statusCode, answer.statusMessage, endToEnd(answer.rawHeaders).flat());
    response.flushHeaders(); // an event stream may have nothing to say for long
    answer.pipe(response);
    answer.once("error", () => response.destroy());
  });
  upstream.once("error", () => {
    if (response.headersSent) response.destroy();
    else if (upstream.reusedSocket && !response.closed) forward(request, response, { agent: false, port });
    else refuse(request, response, 503, "engine_unavailable", "the engine does not answer; try again in a second");
  });
  response.once("close", () => upstream.destroy()); // the caller has gone, or all is said
  request.once("error", () => upstream.destroy());
  if (hasBody(request.headers)) request.pipe(upstream);
  else upstream.end();
}

/** Node's list of names and values, as pairs: repeated headers stay apart, in their order and spelling. */
function endToEnd(raw) {
  const pairs = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i].toLowerCase();
    if (!HOP_BY_HOP.has(name)) pairs.push([raw[i], raw[i + 1]]);
    else if (name === "transfer-encoding") pairs.push(["Transfer-Encoding", "chunked"]);
  }
  return pairs;
}

function decoded(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function listenProblem(error, port) {
  if (error.code === "EADDRINUSE") return `port ${port} is taken; choose another one with PORT=…`;
  return `cannot listen on 127.0.0.1:${port}: ${error.message}`;
}
