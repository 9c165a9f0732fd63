/** The engine of `npm start` as a stranger reaches it: odd spellings of paths, pages of other origins, and deliveries that are sent again. */
import { createHmac } from "node:crypto";
import { rmSync } from "node:fs";
import http from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newEngineSettings, spawnEngine, type Engine, type EngineSettings } from "../../bench/engine.mjs";
import { ALL_ROUTES } from "../workers/whole-app.ts";

let settings: EngineSettings;
let engine: Engine;

beforeAll(async () => {
  settings = await newEngineSettings();
  engine = spawnEngine(settings);
  await engine.ready;
  await push("open", { trigger: { auth: "public" } });
}, 120_000);
afterAll(async () => {
  await engine.kill();
  rmSync(settings.home, { recursive: true, force: true });
}, 30_000);

type Answer = { readonly status: number; readonly headers: http.IncomingHttpHeaders; readonly text: string };
type Sent = { readonly headers?: Readonly<Record<string, string>>; readonly body?: string };

/** As it is: no client tidies the path up. */
function send(method: string, path: string, { headers = {}, body = "" }: Sent = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port: settings.port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() });
      });
    });
    request.once("error", reject).end(body);
  });
}
const owner = () => ({ "x-arcrun-api-key": settings.apiKey, "content-type": "application/json" });
const api = async (method: string, path: string, value?: unknown) =>
  send(method, path, { headers: owner(), body: value === undefined ? "" : JSON.stringify(value) });

async function push(name: string, more: object, config: object = { component: "set", values: {} }): Promise<void> {
  const { status, text } = await api("POST", "/webhooks/named", {
    name,
    description: "d",
    flow: ["input >> ON_SUCCESS >> a"],
    config: { a: config },
    ...more,
  });
  expect([status, text]).toEqual([201, text]);
}

const SPELLINGS: readonly ((path: string, id: string) => string)[] = [
  (path, id) => path.replace(id, `..%2f${id}`),
  (path, id) => path.replace(id, `%2e%2e/${id}`),
  (path, id) => path.replace(id, `../${id}`),
  (path, id) => path.replace(id, `..\\${id}`),
  (path, id) => path.replace(id, `%252e%252e%252f${id}`),
  (path, id) => path.replace(id, `..%2f..%2f..%2f..%2fetc%2fpasswd`),
  (path, id) => path.replace(id, `${id}%00`),
  (path, id) => path.replace(id, `${id}%00.json`),
  (path, id) => path.replace(id, `%c0%ae%c0%ae/${id}`),
  (path, id) => path.replace(id, `${id}%c0%af`),
  (path, id) => path.replace(id, `${id};a=b`),
  (path, id) => path.replace(id, `${id}%20`),
  (path, id) => path.replace(id, `${id}.json`),
  (path, id) => path.replace(id, id.toUpperCase()),
  (path, id) => path.replace(id, `file:%2f%2f%2fetc`),
  (path, id) => path.replace(id, `http:%2f%2f127.0.0.1`),
  (path, id) => path.replace(id, "master-key"),
  (path, id) => path.replace(id, "state"),
  (path, id) => path.replace(id, "__proto__"),
  (path, id) => path.replace(id, "constructor"),
  (path, id) => path.replace(id, `${id}'%20OR%201=1--`),
  (path, id) =>
    path.replace(
      id,
      "％２ｅ".normalize("NFC").replaceAll(/[^\x20-\x7e]/g, (one) => encodeURIComponent(one)),
    ),
  (path, id) => path.replace(id, "x".repeat(4000)),
  (path) => `/${path}`,
  (path) => `${path}/`,
  (path) => `/./${path}/../x`,
  (path) => path.toUpperCase(),
];
const INSIDE = /ENOENT|sqlite|\.arcrun|node_modules|workerd|root:|at \w+ \(/i;

it("takes odd spellings of a path for what they are: no address of anything", async () => {
  const id = `run_${"0".repeat(48)}`;
  const paths = ALL_ROUTES.filter(({ path }) => /:[a-z]/.test(path)).map(
    ({ method, path }) => [method, path.replaceAll(/:[a-z0-9]+/g, id)] as const,
  );
  const asked = paths.flatMap(([method, path]) => SPELLINGS.map((spell) => [method, spell(path, id)] as const));
  expect(asked.length).toBeGreaterThan(500);
  const strange: string[] = [];
  for (const [method, path] of asked) {
    const { status, headers, text } = await send(method, path, { headers: owner(), body: method === "GET" ? "" : "{}" });
    const type =
      path.startsWith("/approvals/") && method === "GET" ? /^(text\/html|application\/problem\+json)/ : /^application\/problem\+json/; // a page is for people
    const isRefused = status >= 400 && status < 500 && type.test(headers["content-type"] ?? "");
    if (!isRefused || INSIDE.test(text.replaceAll(/"instance":"[^"]*"/g, "")))
      strange.push(`${method} ${path.slice(0, 100)}: ${status} ${text.slice(0, 200)}`);
  }
  expect(strange).toEqual([]);
}, 60_000);

it("lets no page of another origin do anything, and builds no address from what a caller says of the host", async () => {
  const origin = { origin: "https://evil.example" };
  for (const { method, path } of ALL_ROUTES) {
    const preflight = { ...origin, "access-control-request-method": method, "access-control-request-headers": "x-arcrun-api-key" };
    for (const answer of [
      await send("OPTIONS", path, { headers: preflight }),
      await send(method, path, { headers: { ...owner(), ...origin } }),
    ]) {
      const told = Object.keys(answer.headers).filter((name) => name.startsWith("access-control-") || name === "set-cookie");
      expect([method, path, told]).toEqual([method, path, []]);
    }
    expect((await send("OPTIONS", path, { headers: preflight })).status).toBeGreaterThanOrEqual(400);
  }
  const counted = async () => JSON.parse((await api("GET", "/runs?workflow=open")).text).runs.length;
  const before = await counted();
  // What a form of another page can send without being asked.
  for (const type of [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "text/plain;application/json",
  ]) {
    const { status } = await send("POST", "/webhooks/named/default/open/trigger", {
      headers: { ...origin, "content-type": type },
      body: "{}",
    });
    expect([type, status]).toEqual([type, 415]);
  }
  expect(await counted()).toBe(before);
  await push("asking", {}, { component: "wait_for_callback" });
  const hosts = { host: "evil.example", "x-forwarded-host": "evil.example", forwarded: "host=evil.example" };
  const { text } = await send("POST", "/webhooks/named/asking/trigger?wait=5", { headers: { ...owner(), ...hosts }, body: "{}" });
  expect(text).toContain(`http://127.0.0.1:${settings.port}/workflows/resume/`);
  expect(text).not.toContain("evil.example");
}, 60_000);

it("knows a signed delivery again after it was killed, and refuses one that is too old", async () => {
  const secret = "hush hush hush";
  await api("PUT", "/credentials/HOOK", { value: secret, hosts: [] });
  const key = Buffer.from(secret).toString("base64");
  await api("PUT", "/credentials/STANDARD", { value: `whsec_${key}`, hosts: [] });
  await push("github", { trigger: { auth: { signature: "github", secret: "HOOK" } } });
  await push("standard", { trigger: { auth: { signature: "standard-webhooks", secret: "STANDARD" } } });
  const body = '{"n":1}';
  const deliver = async (name: string, headers: Readonly<Record<string, string>>) => {
    const { status, text } = await send("POST", `/webhooks/named/default/${name}/trigger`, {
      headers: { "content-type": "application/json", ...headers },
      body,
    });
    return [status, JSON.parse(text).run_id] as const;
  };
  const github = { "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`, "x-github-delivery": "d-1" };
  const standard = (id: string, ageSeconds: number) => {
    const timestamp = String(Math.floor(Date.now() / 1000) - ageSeconds);
    const signature = createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64");
    return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
  };
  const recent = standard("m-1", 0);
  const first = [await deliver("github", github), await deliver("standard", recent)];
  expect(first.map(([status]) => status)).toEqual([202, 202]);
  await engine.kill();
  engine = spawnEngine(settings);
  await engine.ready;
  expect([await deliver("github", github), await deliver("standard", recent)]).toEqual(first);
  expect((await deliver("standard", standard("m-1", 290)))[1]).toBe(first[1]?.[1]);
  expect((await deliver("standard", standard("m-2", 310)))[0]).toBe(401);
  expect((await deliver("standard", standard("m-2", -310)))[0]).toBe(401);
}, 90_000);
