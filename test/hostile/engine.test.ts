/** The engine as its owner runs it, with `npm start`: requests that make no sense, and where a secret is found afterwards. */
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { newEngineSettings, spawnEngine, type Engine, type EngineSettings } from "../../bench/engine.mjs";
import { complaintsAbout, oddRequest, type OddRequest } from "../support/odd-requests.ts";
import { ALL_ROUTES } from "../workers/whole-app.ts";
import { openEcho } from "./echo.ts";

const BATCH = 20;
const BATCHES = 40;
/** More than one address may fail in a minute, and than it may fail besides while this lasts. */
const GUESSES = 1500;
/** As it is in JSON, in JSON within JSON, and wherever nothing is escaped that needs not be. */
const PLAIN = "kanarie/7f3a9c+51";
const SECRET = `${PLAIN} "d\\2%`;
const MARK = "plain-mark-5b21";

const echo = await openEcho();
let settings: EngineSettings;
let engine: Engine;
let url: string;

beforeAll(async () => {
  settings = await newEngineSettings(echo.host);
  engine = spawnEngine(settings);
  url = await engine.ready;
}, 120_000);
afterAll(async () => {
  await engine.kill();
  echo.close();
  rmSync(settings.home, { recursive: true, force: true });
}, 30_000);

async function send({ method, path, headers, body }: OddRequest) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers,
    redirect: "manual",
    ...(body === undefined ? {} : { body: body.slice() }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
const owner = () => ({ "x-arcrun-api-key": settings.apiKey });
async function api(method: string, path: string, value?: unknown) {
  const body = value === undefined ? undefined : new TextEncoder().encode(JSON.stringify(value));
  return send({ method, path, headers: { ...owner(), ...(body === undefined ? {} : { "content-type": "application/json" }) }, body });
}
async function json<T>(method: string, path: string, value?: unknown): Promise<T> {
  const { status, text } = await api(method, path, value);
  expect([status < 300, text]).toEqual([true, text]);
  return JSON.parse(text);
}

type Run = { readonly status: string; readonly waiting: readonly { readonly callback_url: string }[] };
const pushFlow = (name: string, flow: readonly string[], config: object, more: object = {}) =>
  json("POST", "/webhooks/named", { name, description: "d", flow, config, ...more });
const pushOne = (name: string, node: object, more?: object) => pushFlow(name, ["input >> ON_SUCCESS >> a"], { a: node }, more);

/** Starts a run, and gives its id as soon as it is so. */
async function runThatIs(status: string, workflow: string): Promise<string> {
  const { run_id: id } = await json<{ run_id: string }>("POST", `/webhooks/named/${workflow}/trigger`, { mark: MARK });
  await vi.waitFor(async () => expect((await json<Run>("GET", `/runs/${id}`)).status).toBe(status), 15_000);
  return id;
}

it("answers whatever it is sent, never with a 5xx, with problems that tell nothing of its inside, and lives on", async () => {
  await pushOne("asking", { component: "wait_for_callback" });
  await pushOne("w", { component: "set", values: {} });
  const waiting = await runThatIs("waiting", "asking");
  const [wait] = (await json<Run>("GET", `/runs/${waiting}`)).waiting;
  const known = {
    ":tenant": "default",
    ":name": "w",
    "runs:id": await runThatIs("succeeded", "w"),
    ":sha256": "0".repeat(64),
    ":token": wait?.callback_url.split("/").at(-1) ?? "",
  };
  const odd = oddRequest(ALL_ROUTES, known, [owner(), { authorization: `Bearer ${settings.apiKey}` }, {}]);
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(fc.array(odd, { minLength: BATCH, maxLength: BATCH }), async (requests) => {
      await pushOne("w", { component: "set", values: {} });
      for (const request of requests) {
        const answer = await send(request);
        statuses.add(answer.status);
        expect([request.method, request.path, complaintsAbout(request, answer)]).toEqual([request.method, request.path, []]);
      }
    }),
    { numRuns: BATCHES, seed: 20261125, interruptAfterTimeLimit: 60_000 },
  );
  expect([...statuses]).toEqual(expect.arrayContaining([200, 202, 400, 401, 404, 405, 415, 422]));
  await pushOne("w", { component: "set", values: {} });
  await runThatIs("succeeded", "w");
}, 120_000);

it("tells an address that guesses to stop, whatever it says of itself, and lets who has the key go on from there", async () => {
  const guess = async (n: number) => {
    const headers = { "x-arcrun-api-key": `ak_${String(n).padStart(48, "0")}`, "cf-connecting-ip": `192.0.2.${n % 250}` };
    const { status, headers: told, text } = await send({ method: "GET", path: "/runs", headers, body: undefined });
    return `${status} ${JSON.parse(text).code} ${told.get("retry-after")}`;
  };
  const answers: string[] = [];
  for (let n = 0; n < GUESSES; n += 50) answers.push(...(await Promise.all(Array.from({ length: 50 }, (_, i) => guess(n + i)))));
  expect(new Set(answers)).toEqual(new Set(["401 api_key_invalid null", "429 rate_limited 1"]));
  expect(answers.slice(0, 300)).toEqual(Array(300).fill("401 api_key_invalid null"));
  expect(answers.slice(-100)).toContain("429 rate_limited 1");
  await runThatIs("succeeded", "w");
}, 60_000);

/** Everything that is to be read over HTTP about what has run. */
async function allAnswers(runs: readonly string[]): Promise<readonly string[]> {
  const { dead_letters: letters } = await vi.waitFor(async () => {
    const desk = await json<{ dead_letters: readonly { id: string; workflow: string }[] }>("GET", "/dead-letters");
    expect(desk.dead_letters.filter(({ workflow }) => workflow === "spoken_badly")).toHaveLength(1);
    return desk;
  }, 15_000);
  const ofRuns = runs.flatMap((id) =>
    ["", "?include=mermaid", "/trace", "/trace?full=1", "/events", "/mermaid"].map((tail) => `/runs/${id}${tail}`),
  );
  const lists = [
    "/runs",
    "/dead-letters",
    "/webhooks/named",
    "/webhooks/named/spoken/definition",
    "/credentials",
    "/metrics",
    "/stats",
    "/keys",
  ];
  const paths = [...ofRuns, ...lists, ...letters.map(({ id }) => `/dead-letters/${id}`)];
  const texts = await Promise.all(paths.map(async (path) => (await api("GET", path)).text));
  const values = [
    ...new Set(texts.flatMap((text) => [...text.matchAll(/\/runs\/run_[0-9a-f]+\/values\/[0-9a-f]{64}/g)].map(([path]) => path))),
  ];
  expect(values.length).toBeGreaterThan(0);
  return [...texts, ...(await Promise.all(values.map(async (path) => (await api("GET", path)).text)))];
}

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );

it("answers every address but that of its health with 401 to who has no key, and with 404 where a token would be the key", async () => {
  const bare = async ({ method, path }: { readonly method: string; readonly path: string }) => {
    const { status } = await send({ method, path: path.replaceAll(/:[a-z0-9]+/g, "x"), headers: {}, body: undefined });
    return [`${method} ${path}`, status] as const;
  };
  const told = await Promise.all(ALL_ROUTES.map(bare));
  const others = Object.fromEntries(told.filter(([, status]) => status !== 401));
  expect(others).toEqual({
    "GET /health": 200,
    "POST /workflows/resume": 404,
    "POST /workflows/resume/:token": 404,
    "GET /approvals/:token": 404,
    "POST /approvals/:token": 415,
  });
});

it("lets nobody but the owner of the machine's account read its state and its keys", () => {
  const data = join(settings.home, "data");
  expect(["", "state", "master-key"].map((name) => statSync(join(data, name)).mode & 0o077)).toEqual([0, 0, 0]);
});

it("keeps a secret that a service sends back out of its answers, its log and its files", async () => {
  await json("PUT", "/credentials/CANARY", { value: SECRET, hosts: [echo.host] });
  const secret = "{{credential.CANARY}}";
  const call = (path: string) => ({
    component: "http_request",
    url: `http://${echo.host}${path}/${secret}?in=${secret}`,
    method: "POST",
    headers: { "x-key": secret, authorization: `Bearer ${secret}` },
    query: { q: secret },
    body_json: { in: [secret, `${secret} and more`], mark: "{{input.mark}}" },
  });
  await pushFlow("spoken", ["input >> ON_SUCCESS >> a", "a >> ON_SUCCESS >> b"], {
    a: call("/fine"),
    b: { component: "set", values: { all: "{{a}}" } },
  });
  await pushOne("spoken_badly", call("/broken"), { policy: { a: { retry: { attempts: 1 } } } });
  const runs = [await runThatIs("succeeded", "spoken"), await runThatIs("failed", "spoken_badly")];
  const answers = await allAnswers(runs);
  await engine.stop();
  const files = filesIn(settings.home).map((file) => readFileSync(file, "latin1"));

  const urls = [encodeURIComponent(SECRET), new URLSearchParams({ q: SECRET }).toString().slice(2)];
  const [half, reversed] = [SECRET.length / 2, Buffer.from(SECRET).reverse().toString()];
  const parts = [0, 1, 2].map((from) => Buffer.from(SECRET).subarray(from, from + 3 * Math.floor((SECRET.length - from) / 3)));
  const encoded = (["base64", "base64url", "hex"] as const).flatMap((encoding) => [
    ...parts.map((part) => part.toString(encoding)),
    Buffer.from(SECRET).toString("hex").toUpperCase(),
    reversed.slice(0, half),
    reversed.slice(half),
  ]);
  const leaks = (texts: readonly string[]) => texts.flatMap((text) => [PLAIN, ...urls, ...encoded].filter((form) => text.includes(form)));
  // The service did hear it, and what it sent back besides is found where it should be.
  expect(echo.heard.map((heard) => leaks([heard]).length > 0)).toEqual([true, true]);
  for (const places of [answers, files])
    expect(places.filter((text) => text.includes("[secret CANARY]") && text.includes(MARK)).length).toBeGreaterThan(0);
  expect([leaks(answers), leaks(files)]).toEqual([[], []]);
}, 90_000);
