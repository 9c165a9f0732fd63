/** The matrix of routes and tenants, made from the table of routes: what another tenant, no key, or a key without the scope is told. */
import { beforeAll, describe, expect, it } from "vitest";
import { sha256Hex } from "../../shared/ids.ts";
import type { DeadLetter } from "../../shared/message.ts";
import { SCOPES, type Scope } from "../../shared/ports.ts";
import { upload } from "../support/part-uploads.ts";
import { apiKey, ids, summary } from "./fake-stores.ts";
import { definition, type Sent } from "./ingress/fake-ingress.ts";
import { ROWS, type Row, type Things } from "./tenant-rows.ts";
import { ALL_ROUTES, wholeApp } from "./whole-app.ts";

const RUN = summary().runId;
const REF = { step: "one", generation: 0, wait: 0 };
const MINE: Things = {
  tenant: "default",
  run: RUN,
  workflow: "billing_a",
  letter: "letter_1",
  key: "key_read",
  secret: "TOKEN",
  part: "greeter",
  token: ids.callbackToken("default", RUN, REF),
};
/** As long and of the same kind, and nobody's. */
const NOBODYS: Things = {
  tenant: "default",
  run: `${RUN.slice(0, -1)}${RUN.endsWith("0") ? "1" : "0"}`,
  workflow: "billing_b",
  letter: "letter_2",
  key: "key_nope",
  secret: "NOKEN",
  part: "greeten",
  token: `${MINE.token.slice(0, -2)}${MINE.token.endsWith("AA") ? "BA" : "AA"}`,
};
const LETTER: DeadLetter = {
  id: MINE.letter,
  tenant: "default",
  runId: RUN,
  workflow: MINE.workflow,
  node: "one",
  step: "one",
  error: { code: "http.status", message: "m", retryable: false },
  fingerprint: "f",
  input: "{}",
  at: 0,
};

/** An installation where the tenant `default` has one of each, `b` has a key, and keys lack one scope each. */
async function world() {
  const app = wholeApp();
  const { deps, call } = app;
  deps.index.deadLetter = (tenant, id) => Promise.resolve(tenant === LETTER.tenant && id === LETTER.id ? LETTER : undefined);
  const secrets = new Set<string>();
  const put = deps.credentials.put.bind(deps.credentials);
  deps.credentials.put = (tenant, name, value, hosts) => {
    secrets.add(`${tenant}/${name}`);
    return put(tenant, name, value, hosts);
  };
  deps.credentials.remove = (tenant, name) => Promise.resolve(secrets.delete(`${tenant}/${name}`));
  for (const lacking of SCOPES) {
    const scopes = SCOPES.filter((scope) => scope !== lacking);
    const name = `not-${lacking}`;
    await deps.keys.add({ id: `key_${name}`, tenant: "default", name, scopes, createdAt: 0, seeded: false }, sha256Hex(apiKey(name)));
  }
  await call("POST", "/webhooks/named", { body: definition({ name: MINE.workflow }) });
  await call("POST", "/parts", { body: upload({ name: MINE.part }) });
  await call("PUT", `/credentials/${MINE.secret}`, { body: { value: "only for A" } });
  return app;
}

type World = Awaited<ReturnType<typeof world>>;
const table = ALL_ROUTES.map(({ method, path, scope }) => ({
  route: `${method} ${path}`,
  method,
  path,
  scope,
  row: ROWS[`${method} ${path}`],
}));
const rowsOf = <K extends Row["kind"]>(...kinds: readonly K[]) =>
  table.flatMap((one) => {
    const row = kinds.some((kind) => kind === one.row?.kind) ? one.row : undefined;
    return row === undefined ? [] : [{ ...one, row: row as Extract<Row, { kind: K }> }]; // the line before looked at its kind
  });
const neededBy = (scope: Scope | null, row: Row | undefined) => scope ?? (row?.kind === "named" ? (row.needs ?? null) : null);

const pathOf = (row: Row, path: string, things: Things) => ("path" in row ? row.path(things) : path);
const bodyOf = (row: Row, things: Things) => {
  if (row.kind === "named") return row.body?.(things);
  return row.kind === "makes" || row.kind === "token" ? row.body : undefined;
};
async function ask(
  { call }: World,
  one: { readonly method: string; readonly path: string; readonly row: Row },
  things: Things,
  sent: Sent,
) {
  const body = one.method === "GET" ? undefined : bodyOf(one.row, things);
  const { status, headers, text, body: json } = await call(one.method, pathOf(one.row, one.path, things), { ...sent, body });
  const sorted = [...headers].map(([name, value]) => `${name}: ${name === "x-request-id" ? "ID" : value}`);
  return { status, code: json?.["code"], bytes: [status, ...sorted, text.replace(/req_\d+/, "ID")].join("\n") };
}

describe("the table of routes", () => {
  it("has a row for each route, and no other", () => {
    expect(Object.keys(ROWS).toSorted()).toEqual(table.map(({ route }) => route).toSorted());
  });

  it("has no route that takes an id and is not asked for a stranger's", () => {
    expect(rowsOf("own", "open").filter(({ path }) => path.includes(":"))).toEqual([]);
    const keyless = table.filter(({ scope, row }) => neededBy(scope, row) === null).map(({ route }) => route);
    expect(keyless).toEqual(["GET /health", ...rowsOf("token").map(({ route }) => route)]);
  });
});

describe("a thing of one tenant", () => {
  it.each(rowsOf("named"))("is there for its owner, and like nothing for another: $route", async (one) => {
    const here = await world();
    const [theirs, nobodys] = [await ask(here, one, MINE, { key: "b" }), await ask(here, one, NOBODYS, { key: "b" })];
    expect([theirs.status, theirs.code, theirs.bytes.includes(MINE[one.row.by])]).toEqual([404, "not_found", false]);
    const malformed = await ask(here, one, { ...MINE, [one.row.by]: "x" }, { key: "b" });
    expect([theirs.bytes, malformed.bytes]).toEqual([nobodys.bytes, nobodys.bytes]);
    expect(here.runs.touched).toEqual([]);
    expect(here.started()).toEqual([]);
    const mine = await ask(here, one, MINE, { key: "owner" });
    expect([mine.status, [401, 403, 404, 405].includes(mine.status)]).toEqual([mine.status, false]);
    expect((await ask(here, one, NOBODYS, { key: "owner" })).bytes).toBe(nobodys.bytes);
  });

  it.each(rowsOf("makes"))("is not changed by a namesake that another makes: $route", async (one) => {
    const here = await world();
    const masked = async (things: Things) => (await ask(here, one, things, { key: "b" })).bytes.replace(things[one.row.by], "NAME");
    expect(await masked(MINE)).toBe(await masked(NOBODYS));
    expect([await here.deps.credentials.reveal("default", MINE.secret), here.runs.touched]).toEqual([
      { value: "only for A", hosts: [] },
      [],
    ]);
  });

  it.each(rowsOf("token"))("opens to its token, and a forged token touches nothing: $route", async (one) => {
    const here = await world();
    const answers = [NOBODYS, { ...MINE, token: "x" }, { ...MINE, token: RUN }].map((things) => ask(here, one, things, { key: null }));
    const [forged, ...others] = await Promise.all(answers);
    expect([forged?.status, new Set([forged, ...others].map((answer) => answer?.bytes)).size, here.runs.touched]).toEqual([404, 1, []]);
    await ask(here, one, MINE, { key: null });
    expect(new Set(here.runs.touched)).toEqual(new Set([RUN]));
  });
});

describe("a route", () => {
  let here: World;
  beforeAll(async () => {
    here = await world();
  });
  const keyed = rowsOf("own", "named", "makes");

  it.each(keyed)("tells nobody without a key what is there: $route", async (one) => {
    const withoutKey = one.row.kind === "named" ? one.row.withoutKey : undefined;
    for (const sent of [{ key: null }, { key: "nobody" }]) {
      const [known, unknown] = [await ask(here, one, MINE, sent), await ask(here, one, NOBODYS, sent)];
      expect([known.status, known.bytes]).toEqual([sent.key === null ? (withoutKey ?? 401) : 401, unknown.bytes]);
    }
    expect(here.runs.touched).toEqual([]);
  });

  it.each(keyed)("is forbidden to every key without its scope, whatever else that may: $route", async (one) => {
    const needed = neededBy(one.scope, one.row);
    const lacking = [`not-${String(needed)}`, ...SCOPES.filter((scope) => scope !== needed)];
    for (const key of lacking) {
      const [known, unknown] = [await ask(here, one, MINE, { key }), await ask(here, one, NOBODYS, { key })];
      expect([key, known.status, known.code, known.bytes === unknown.bytes]).toEqual([key, 403, "forbidden", true]);
    }
    expect(here.runs.touched).toEqual([]);
  });
});
