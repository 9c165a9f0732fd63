import http from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEgressHalf } from "../../scripts/supervisor/egress.mjs";

/** A loopback service: the only thing that is ever contacted here. */
let canary: http.Server;
let half: Awaited<ReturnType<typeof openEgressHalf>>;
let base: string;
const seen: {
  method: string | undefined;
  url: string | undefined;
  headers: http.IncomingHttpHeaders;
  rawHeaders: string[];
  body: string;
}[] = [];
const closed: string[] = [];

beforeAll(async () => {
  canary = http.createServer((request, response) => {
    response.once("close", () => closed.push(String(request.url)));
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method, url, headers, rawHeaders } = request;
      seen.push({ method, url, headers, rawHeaders, body: Buffer.concat(chunks).toString() });
      answer(String(url), response);
    });
  });
  await new Promise<void>((resolve) => canary.listen(0, "127.0.0.1", resolve));
  const { port } = canary.address() as AddressInfo; // reason: it listens on a port, not on a pipe
  base = `http://127.0.0.1:${port}`;
  half = await openEgressHalf({ token: "secret", allow: [`127.0.0.1:${port}`] });
});

afterAll(() => {
  half.close();
  canary.close();
  canary.closeAllConnections();
});

function answer(url: string, response: http.ServerResponse) {
  if (url === "/hangup") return response.destroy();
  if (url === "/silent") return undefined;
  if (url === "/redirect") return response.writeHead(302, { location: "http://10.0.0.1/" }).end();
  if (url === "/gzip") return response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("unpacked"));
  if (url === "/endless") return response.writeHead(200).write("begun");
  return response
    .writeHead(
      201,
      [
        ["Set-Cookie", "a=1"],
        ["Set-Cookie", "b=2"],
        ["X-Kind", "canary"],
      ].flat(),
    )
    .end("hello");
}

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64");
const unbase64 = (text: string | null): unknown => JSON.parse(Buffer.from(text ?? "", "base64").toString());

function ask(url: string, headers: Record<string, string> = {}, init: RequestInit = {}) {
  return fetch(`http://127.0.0.1:${half.port}/`, {
    method: "POST",
    ...init,
    headers: { authorization: "Bearer secret", "x-egress-url": url, "x-egress-method": "GET", ...headers },
  });
}

/** Over a connection that the asker keeps. */
function askOver(agent: http.Agent): Promise<{ readonly status: number | undefined; readonly reused: boolean }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: "Bearer secret", "x-egress-url": "" };
    const request = http.request({ agent, host: "127.0.0.1", port: half.port, method: "POST", headers }, (answered) => {
      answered.resume().once("end", () => resolve({ status: answered.statusCode, reused: request.reusedSocket }));
    });
    request.once("error", reject).end();
  });
}

describe("the egress half", () => {
  it("sends what it was told and gives back what was answered", async () => {
    const headers = base64([
      ["X-Two", "1"],
      ["x-two", "2"],
      ["Host", "evil.example"],
      ["Connection", "upgrade"],
    ]);
    const answered = await ask(`${base}/a?b=c#d`, { "x-egress-method": "PUT", "x-egress-headers": headers }, { body: "the body" });
    expect([answered.status, answered.headers.get("x-egress-status"), await answered.text()]).toEqual([200, "201", "hello"]);
    expect(unbase64(answered.headers.get("x-egress-response-headers"))).toEqual(
      expect.arrayContaining([
        ["Set-Cookie", "a=1"],
        ["Set-Cookie", "b=2"],
        ["X-Kind", "canary"],
      ]),
    );
    const request = seen.at(-1);
    expect(request).toMatchObject({
      method: "PUT",
      url: "/a?b=c",
      body: "the body",
      headers: { host: base.slice(7), "content-length": "8" },
    });
    expect(request?.rawHeaders).toEqual(expect.arrayContaining(["X-Two", "1", "x-two", "2"]));
    expect(request?.rawHeaders).not.toContain("evil.example");
    expect(request?.headers["accept-encoding"]).toBe("identity");
  });

  it("sends no body and no length with a GET that has none", async () => {
    await ask(`${base}/plain`);
    expect(seen.at(-1)?.headers).not.toHaveProperty("content-length");
    expect(seen.at(-1)?.headers).not.toHaveProperty("transfer-encoding");
  });

  it("unpacks what comes packed all the same", async () => {
    const answered = await ask(`${base}/gzip`);
    expect(await answered.text()).toBe("unpacked");
    expect(base64(unbase64(answered.headers.get("x-egress-response-headers")))).not.toContain(Buffer.from("gzip").toString("base64"));
  });

  it("follows no redirect", async () => {
    expect((await ask(`${base}/redirect`)).headers.get("x-egress-status")).toBe("302");
  });

  it.each([
    "http://127.0.0.1:1/",
    "http://[::1]/",
    "http://localhost/",
    "file:///etc/hosts",
    "gopher://x/",
    "http://u:p@example.com/",
    "nonsense",
    "",
  ])("refuses %j, always in the same words", async (url) => {
    const answered = await ask(url);
    expect([answered.status, answered.headers.get("x-egress-error")]).toEqual([403, "denied"]);
  });

  it("says failed when the connection breaks, and where it does not tell", async () => {
    const answered = await ask(`${base}/hangup`);
    expect([answered.status, answered.headers.get("x-egress-error")]).toEqual([502, "failed"]);
    expect(await answered.text()).not.toContain("127.0.0.1");
  });

  it("says timeout when nothing comes in time, and lets go of the service", async () => {
    const answered = await ask(`${base}/silent`, { "x-egress-timeout-ms": "50" });
    expect([answered.status, answered.headers.get("x-egress-error")]).toEqual([502, "timeout"]);
    await expect.poll(() => closed).toContain("/silent");
  });

  it("lets go of the service when the asker goes away", async () => {
    const controller = new AbortController();
    const answered = await ask(`${base}/endless`, {}, { signal: controller.signal });
    expect(answered.status).toBe(200);
    controller.abort();
    await expect.poll(() => closed).toContain("/endless");
  });

  it.each([
    ["x-egress-method", "CONNECT"],
    ["x-egress-headers", base64([["bad name", "x"]])],
    ["x-egress-headers", "no base64 of a list"],
  ])("says invalid to %s: %s", async (name, value) => {
    const answered = await ask(`${base}/`, { [name]: value });
    expect([answered.status, answered.headers.get("x-egress-error")]).toEqual([400, "invalid"]);
  });

  it("keeps an idle connection, so that no order is lost on one that is being closed", { timeout: 15_000 }, async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const first = await askOver(agent);
    await sleep(6500); // Node would have hung up after 5 s, and said so in its answer
    const second = await askOver(agent);
    agent.destroy();
    expect([first, second]).toEqual([
      { status: 403, reused: false },
      { status: 403, reused: true },
    ]);
  });

  it("answers nobody without the token", async () => {
    expect((await ask(`${base}/`, { authorization: "Bearer other" })).status).toBe(401);
  });
});
