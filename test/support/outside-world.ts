/**
 * What the examples meet outside: one loopback server, reached through the supervisor's half of egress as in `npm start`.
 *
 *   /status/CODE          that status
 *   /flaky/KEY/N          503 N times, then 200
 *   /silent               never answers
 *   /hang/KEY/N           breaks the connection N times, then 200
 *   /json?body=JSON       that JSON
 *   /echo                 {method, path, json, authorization}
 *   /jobs/KEY/N           {state: "running"} N times, then {state: "done", pages: 12}
 *   /sink/KEY             200, and kept
 *   /quiet/KEY            503, and kept
 *   /tasks                a daemon: 202 {task_id}, and its order kept
 */
import { randomBytes } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { openEgressHalf } from "../../scripts/supervisor/egress.mjs";

export type Seen = { readonly path: string; readonly headers: http.IncomingHttpHeaders; readonly json: unknown };
export type World = Awaited<ReturnType<typeof openWorld>>;

export async function openWorld() {
  const seen: Seen[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://world");
      seen.push({ path: url.pathname, headers: request.headers, json: jsonOf(Buffer.concat(chunks).toString()) });
      const times = seen.filter(({ path }) => path === url.pathname).length;
      answer(url, request, response, seen.at(-1)?.json, times);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  const token = randomBytes(16).toString("hex");
  const half = await openEgressHalf({ token, allow: [`127.0.0.1:${port}`] });
  return {
    url: `http://127.0.0.1:${port}`,
    /** What the runner is told of the way out. */
    vars: { EGRESS_URL: `http://127.0.0.1:${half.port}/`, EGRESS_TOKEN: token },
    seen: (path: string): readonly Seen[] => seen.filter((one) => one.path === path),
    close() {
      half.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function answer(url: URL, request: http.IncomingMessage, response: http.ServerResponse, json: unknown, times: number): void {
  const [, kind = "", first = "", second = "0"] = url.pathname.split("/");
  const isEarly = times <= Number(second);
  const reply = (status: number, body: unknown): void =>
    void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  switch (kind) {
    case "status":
      return reply(Number(first), { status: Number(first) });
    case "flaky":
      return isEarly ? reply(503, { error: "not yet" }) : reply(200, { times });
    case "hang":
      return isEarly ? void response.destroy() : reply(200, { times });
    case "silent":
      return undefined;
    case "json":
      return reply(200, jsonOf(url.searchParams.get("body") ?? "null"));
    case "echo":
      return reply(200, { method: request.method, path: url.pathname, json, authorization: request.headers.authorization ?? null });
    case "jobs":
      return reply(200, isEarly ? { state: "running" } : { state: "done", pages: 12 });
    case "sink":
      return reply(200, { kept: times });
    case "quiet":
      return reply(503, { error: "closed" });
    case "tasks":
      return reply(202, { task_id: `task_${times}` });
    default:
      return reply(404, { error: "there is no such place" });
  }
}
