/** What workflows of the engine of `npm start` reach when they try to reach more than they may. Everything in here is loopback. */
import { rmSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { newEngineSettings, spawnEngine, type Engine, type EngineSettings } from "../../bench/engine.mjs";
import { openTarget } from "./targets.ts";

const [allowed, other, canary] = await Promise.all([openTarget(), openTarget(), openTarget()]);
const TARGETS = [allowed, other, canary];
const SECRET = "kanarie-egress-93b1";
/** Read by the engine as soon as a run has ended; a run of this file takes longer when it waits for its time to be over. */
const ENDS_WITHIN_MS = 30_000;
let settings: EngineSettings;
let engine: Engine;
let url: string;

beforeAll(async () => {
  settings = await newEngineSettings(`${allowed.host},${other.host}`);
  engine = spawnEngine(settings);
  url = await engine.ready;
  await json("PUT", "/credentials/CANARY", { value: SECRET, hosts: [allowed.host] });
  await push("ask", { headers: { "x-plain": "kept" } });
  await push("ask_secretly", {
    headers: { "x-key": "{{credential.CANARY}}", authorization: "Bearer {{credential.CANARY}}", "x-plain": "kept" },
  });
}, 120_000);
afterAll(async () => {
  await engine.kill();
  for (const target of TARGETS) target.close();
  rmSync(settings.home, { recursive: true, force: true });
}, 30_000);
beforeEach(() => {
  for (const target of TARGETS) target.heard.length = 0;
});

async function json<T>(method: string, path: string, value?: unknown): Promise<T> {
  const headers = { "x-arcrun-api-key": settings.apiKey, "content-type": "application/json" };
  const response = await fetch(`${url}${path}`, { method, headers, ...(value === undefined ? {} : { body: JSON.stringify(value) }) });
  const text = await response.text();
  expect([response.ok, text]).toEqual([true, text]);
  return JSON.parse(text);
}
const push = (name: string, request: object) =>
  json("POST", "/webhooks/named", {
    name,
    description: "d",
    flow: ["input >> ON_SUCCESS >> a"],
    config: { a: { component: "http_request", url: "{{input.url}}", timeout: "3s", ...request } },
    policy: { a: { retry: { attempts: 1 } } },
  });

type Run = { readonly status: string; readonly error: { readonly code: string } | null };
/** How the run ended: the code of its error, or its status. */
async function ask(target: string, workflow = "ask"): Promise<string> {
  const { run_id: id } = await json<{ run_id: string }>("POST", `/webhooks/named/${workflow}/trigger`, { url: target });
  return vi.waitFor(async () => {
    const { status, error } = await json<Run>("GET", `/runs/${id}`);
    expect(status).toMatch(/^(succeeded|failed)$/);
    return error?.code ?? status;
  }, ENDS_WITHIN_MS);
}
const port = (host: string) => host.split(":")[1] ?? "";
const hop = (left: number, to: string) => `http://${allowed.host}/hop?left=${left}&to=${encodeURIComponent(to)}`;

/** Were the guard to fail, all of them would lead to the canary and nowhere else. Whatever resolves here without a name server, and one way or another means this machine. */
const HOSTS = [
  "127.0.0.1",
  "127.1",
  "127.0.1",
  "2130706433",
  "0x7f000001",
  "0x7f.1",
  "0177.0.0.1",
  "127.0.0.1.",
  "127.255.255.254",
  "0.0.0.0",
  "0",
].concat(
  ["①②⑦.⓪.⓪.①", "127。0。0。1", "%31%32%37.0.0.1", "localhost", "localhost.", "LOCALHOST", "user:pw@127.0.0.1", "allowed@127.0.0.1"],
  ["[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"],
);

describe("a port of this machine that is not allowed", () => {
  it("is reached under no spelling, straight or after a redirect", async () => {
    const targets = HOSTS.map((host) => `http://${host}:${port(canary.host)}/cdn-cgi/`);
    // A header has bytes, not letters.
    const redirects = targets.filter((target) => /^[!-~]*$/.test(target)).map((target) => hop(0, target));
    const answers = await Promise.all([...targets, ...redirects].map(async (target) => [target, await ask(target)]));
    expect(answers.filter(([, answer]) => answer !== "egress.denied")).toEqual([]);
    expect(canary.heard).toEqual([]);
    expect(allowed.heard).toHaveLength(redirects.length);
  }, 60_000);

  it.each([0, 1, 2])("is not reached at the end of redirects (%d more before it), and no secret leaves", async (left) => {
    expect(await ask(hop(left, `http://${canary.host}/`), "ask_secretly")).toBe("egress.denied");
    expect([allowed.heard.length, canary.heard.length]).toEqual([left + 1, 0]);
    expect(allowed.heard.map(({ headers }) => headers["x-key"])).toEqual(Array(left + 1).fill(SECRET));
  });

  it.each([
    "file:///etc/hostname",
    "ftp://127.0.0.1/",
    "data:text/plain,x",
    "gopher://127.0.0.1/",
    "http://",
    "http:///",
    "//127.0.0.1/",
    "",
  ])("is not reached by %j, nor is anything else", async (target) => {
    expect(await ask(target)).toMatch(/^(egress\.denied|http\.invalid_request)$/);
    expect(TARGETS.map(({ heard }) => heard.length)).toEqual([0, 0, 0]);
  });
});

describe("a secret", () => {
  it.each([301, 302, 303, 307, 308])("stays behind when a redirect (%d) leads to another service that may be reached", async (status) => {
    expect(await ask(`${hop(0, `http://${other.host}/`)}&status=${status}`, "ask_secretly")).toBe("succeeded");
    const told = other.heard.map(({ headers }) => [headers["x-plain"], headers["x-key"], headers.authorization]);
    expect(told).toEqual([["kept", undefined, undefined]]);
  });

  it("is not sent to a host that it was not stored for", async () => {
    expect(await ask(`http://${other.host}/`, "ask_secretly")).toBe("egress.denied");
    expect(other.heard).toEqual([]);
  });
});

describe("an answer", () => {
  it.each([
    ["without an end", "/endless", "egress.response_too_large"],
    ["that becomes half a gigabyte", "/gzip", "egress.response_too_large"],
    ["that comes byte by byte", "/drip", "part.timed_out"],
    ["that is one redirect after the other", "/hop?left=20&to=/", "egress.too_many_redirects"],
  ])("%s ends in a failed step, and the connection is closed", async (_, path, code) => {
    expect(await ask(`http://${allowed.host}${path}`)).toBe(code);
    await vi.waitFor(() => expect(allowed.open).toBe(0), 5000);
    expect(allowed.sent).toBeLessThan(64 * 1024 * 1024);
  });

  it("leaves an engine that goes on", async () => {
    expect(await ask(`http://${allowed.host}/`)).toBe("succeeded");
  });
});
