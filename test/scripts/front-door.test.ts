import http from "node:http";
import net from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openFrontDoor } from "../../scripts/supervisor/front-door.mjs";

let engine: http.Server;
let door: http.Server;
let enginePort: number | undefined;
const aborted: string[] = [];

const portOf = (server: http.Server) => (server.address() as AddressInfo).port; // reason: it listens on a port, not on a pipe
const urlOf = (path: string) => `http://127.0.0.1:${portOf(door)}${path}`;

beforeAll(async () => {
  engine = http.createServer((request, response) => {
    response.once("close", () => response.writableFinished || aborted.push(String(request.url)));
    if (request.url === "/stream") return void response.writeHead(200).write("first");
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      response.writeHead(
        201,
        "Made",
        [
          ["Set-Cookie", "a=1"],
          ["Set-Cookie", "b=2"],
        ].flat(),
      );
      response.end(
        JSON.stringify({ method: request.method, url: request.url, raw: request.rawHeaders, body: Buffer.concat(chunks).toString() }),
      );
    });
  });
  await new Promise<void>((resolve) => engine.listen(0, "127.0.0.1", resolve));
  door = await openFrontDoor({ listen: 0, port: () => enginePort });
});

afterAll(() => {
  for (const server of [door, engine]) {
    server.close();
    server.closeAllConnections();
  }
});

/** Sends bytes as they are, and resolves to all that comes back. */
function exchange(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = net.connect(portOf(door), "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (chunk) => (answer += chunk.toString()));
    socket.once("close", () => resolve(answer));
    socket.once("error", reject);
  });
}

describe("the front door", () => {
  it("listens on this machine only", () => {
    expect(door.address()).toMatchObject({ address: "127.0.0.1" });
  });

  it("answers 503 with Retry-After while there is no engine", async () => {
    enginePort = undefined;
    const response = await fetch(urlOf("/health"));
    expect([response.status, response.headers.get("retry-after"), response.headers.get("content-type")]).toEqual([
      503,
      "1",
      "application/problem+json",
    ]);
    expect(await response.json()).toMatchObject({ code: "engine_unavailable", retryable: true, success: false });
  });

  it("answers 503 when the engine has just died", async () => {
    enginePort = 1;
    expect((await fetch(urlOf("/health"))).status).toBe(503);
  });

  it("passes method, path, body and repeated headers as they are", async () => {
    enginePort = portOf(engine);
    const answer = await exchange(
      "PROPFIND /a%2fb?c=d HTTP/1.1\r\nHost: x.example\r\nX-Two: 1\r\nx-two: 2\r\nKeep-Alive: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi",
    );
    expect(answer).toMatch(/^HTTP\/1.1 201 Made\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n/);
    const seen: unknown = JSON.parse(answer.slice(answer.indexOf("{"), answer.lastIndexOf("}") + 1));
    expect(seen).toMatchObject({ method: "PROPFIND", url: "/a%2fb?c=d", body: "hi" });
    expect(seen).toHaveProperty("raw", expect.arrayContaining(["Host", "x.example", "X-Two", "1", "x-two", "2"]));
    expect(seen).not.toHaveProperty("raw", expect.arrayContaining(["Keep-Alive"]));
  });

  it("says who calls, whatever the caller says", async () => {
    enginePort = portOf(engine);
    const answer = await fetch(urlOf("/"), { headers: { "CF-Connecting-IP": "192.0.2.1", "x-forwarded-for": "192.0.2.2" } });
    const { raw } = (await answer.json()) as { raw: string[] }; // what the engine above says
    const callers = raw.flatMap((name, i) => (i % 2 === 0 && name.toLowerCase() === "cf-connecting-ip" ? [raw[i + 1]] : []));
    expect(callers).toEqual(["127.0.0.1"]);
  });

  it.each(["/cdn-cgi/explorer", "//cdn-cgi/x", "/%63dn-cgi/x", "/CDN-CGI", "/cdn-cgi?x"])("does not pass %s", async (path) => {
    enginePort = portOf(engine);
    expect((await fetch(urlOf(path))).status).toBe(404);
  });

  it("gives the beginning of an answer at once, and tells the engine when the caller has gone", async () => {
    enginePort = portOf(engine);
    const caller = new AbortController();
    const response = await fetch(urlOf("/stream"), { signal: caller.signal });
    const first = await response.body?.getReader().read();
    expect(new TextDecoder().decode(first?.value)).toBe("first");
    caller.abort();
    await expect.poll(() => aborted).toContain("/stream");
  });

  it("loses nothing to a connection that the engine is about to close", async () => {
    const used = new Set<net.Socket>();
    // Takes one request of each connection, and hangs up on the next one, as it may on an idle connection.
    const hangingUp = http.createServer((request, response) => {
      if (used.has(request.socket)) return void request.socket.destroy();
      used.add(request.socket);
      request.resume().once("end", () => response.end(request.method));
    });
    await new Promise<void>((resolve) => hangingUp.listen(0, "127.0.0.1", resolve));
    enginePort = portOf(hangingUp);
    const seen: [number, string][] = [];
    for (const method of ["GET", "GET", "POST", "GET", "DELETE", "PUT", "GET"]) {
      const response = await fetch(urlOf("/"), { method, body: method === "POST" || method === "PUT" ? "x" : null });
      seen.push([response.status, await response.text()]);
    }
    hangingUp.close();
    hangingUp.closeAllConnections();
    expect(seen).toEqual(["GET", "GET", "POST", "GET", "DELETE", "PUT", "GET"].map((method) => [200, method]));
  });

  it("answers what is no HTTP with a problem, too", async () => {
    expect(await exchange("NONSENSE\r\n\r\n")).toMatch(/^HTTP\/1.1 400 Bad Request\r\ncontent-type: application\/problem\+json\r\n/);
    expect(await exchange(`GET / HTTP/1.1\r\nHost: x\r\nX-Big: ${"x".repeat(70_000)}\r\n\r\n`)).toContain('"status":431');
  });

  it("says plainly that its port is taken", async () => {
    await expect(openFrontDoor({ listen: portOf(engine), port: () => undefined })).rejects.toThrow(/^port \d+ is taken/);
  });
});
