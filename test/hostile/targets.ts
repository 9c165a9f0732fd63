/** Services on loopback that mean no good: they redirect wherever they are told, and answer without end. */
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createGzip } from "node:zlib";

const CHUNK = Buffer.alloc(64 * 1024, "x");
const DRIP_MS = 50;
const BOMB_BYTES = 512 * 1024 * 1024;

export type Target = { readonly host: string; readonly heard: IncomingMessage[]; sent: number; open: number; close(): void };

/** `/hop?left=N&to=URL` redirects to itself N times and then to URL. `/endless`, `/gzip`, `/drip`, `/headers` are what they say. */
export async function openTarget(): Promise<Target> {
  const server = http.createServer((request, response) => {
    target.heard.push(request);
    target.open += 1;
    response.once("close", () => (target.open -= 1));
    response.on("error", () => undefined);
    request.resume();
    answer(target, new URL(request.url ?? "/", `http://${target.host}`), response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  const target: Target = { host: `127.0.0.1:${port}`, heard: [], sent: 0, open: 0, close };
  return target;
}

function answer(target: Target, url: URL, response: ServerResponse): void {
  switch (url.pathname) {
    case "/hop":
      return redirect(url, response);
    case "/endless":
      return pour(target, response);
    case "/gzip":
      return bomb(response);
    case "/drip": {
      response.writeHead(200);
      const drip = setInterval(() => response.write("x"), DRIP_MS);
      response.once("close", () => clearInterval(drip));
      return;
    }
    default:
      response.end("reached");
  }
}

function redirect(url: URL, response: ServerResponse): void {
  const left = Number(url.searchParams.get("left"));
  const to = url.searchParams.get("to") ?? "";
  const location = left > 0 ? `/hop?left=${left - 1}&to=${encodeURIComponent(to)}` : to;
  response.writeHead(Number(url.searchParams.get("status") ?? 302), { location }).end();
}

/** As fast as it is taken. */
function pour(target: Target, response: ServerResponse): void {
  const more = () => {
    while (!response.destroyed) {
      target.sent += CHUNK.length;
      if (!response.write(CHUNK)) return void response.once("drain", more);
    }
  };
  more();
}

function bomb(response: ServerResponse): void {
  response.writeHead(200, { "content-encoding": "gzip" });
  const gzip = createGzip();
  gzip.on("error", () => undefined);
  gzip.pipe(response);
  response.once("close", () => gzip.destroy());
  let left = BOMB_BYTES;
  const more = () => {
    while (left > 0 && !gzip.destroyed) {
      left -= CHUNK.length;
      if (!gzip.write(CHUNK)) return void gzip.once("drain", more);
    }
    gzip.end();
  };
  more();
}
