/** Whoever guesses is told to stop, at no cost to whoever has what is right; and what is wrong costs the same, whatever is wrong with it. */
import { createHmac } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { createFailureBudget } from "../../shared/failure-budget.ts";
import { createRate, MAX_NAMES } from "../../shared/rate.ts";
import { ids, summary } from "./fake-stores.ts";
import { definition } from "./ingress/fake-ingress.ts";
import { wholeApp } from "./whole-app.ts";

const LIMIT = 3;
const MINUTE = 60_000;
const HERE = { "cf-connecting-ip": "192.0.2.1" };
const THERE = { "cf-connecting-ip": "192.0.2.2" };
const clock = { now: 0 };
beforeEach(() => {
  clock.now = 0;
});

const HOOK_SECRET = "a secret of a hook";
const signed = (body: string) => ({ "x-hub-signature-256": `sha256=${createHmac("sha256", HOOK_SECRET).update(body).digest("hex")}` });

/** Counts what is asked of the stores. */
async function world(startRate = 1000) {
  const app = wholeApp({ startRate, failures: createFailureBudget(LIMIT, () => clock.now) });
  const { deps, call } = app;
  const asked: string[] = [];
  const find = deps.keys.find.bind(deps.keys);
  deps.keys.find = (hash) => (asked.push("find"), find(hash));
  const mayExist = deps.keys.mayExist.bind(deps.keys);
  deps.keys.mayExist = (hash) => (asked.push("mayExist"), mayExist(hash));
  await call("PUT", "/credentials/HOOK", { body: { value: HOOK_SECRET } });
  const trigger = { auth: { signature: "github", secret: "HOOK" } };
  expect((await call("POST", "/webhooks/named", { body: definition({ name: "signed", trigger }) })).status).toBe(201);
  expect((await call("POST", "/webhooks/named", { body: definition({ name: "open", trigger: { auth: "public" } }) })).status).toBe(201);
  const reveal = deps.credentials.reveal.bind(deps.credentials);
  deps.credentials.reveal = (tenant, name) => (asked.push("reveal"), reveal(tenant, name));
  asked.length = 0;
  return { ...app, asked };
}
type World = Awaited<ReturnType<typeof world>>;
type Answer = Awaited<ReturnType<World["call"]>>;

const told = ({ status, body, headers }: Answer) => [status, body?.code, headers.get("retry-after")];
const TOO_MANY = [429, "rate_limited", "20"];

/** The same wrong thing so often from one address. */
async function tries(times: number, once: (n: number) => Promise<Answer>) {
  const answers = [];
  for (let n = 0; n < times; n += 1) answers.push(told(await once(n)));
  return answers;
}
const guessKey = ({ call }: World, headers = HERE) =>
  call("GET", "/runs", { key: null, headers: { "x-arcrun-api-key": `ak_${"9".repeat(48)}`, ...headers } });

describe("API keys that are wrong", () => {
  const wrong = [401, "api_key_invalid", null];

  it("are answered 429 when the budget of their address is used up, and then read nothing, while a right key passes and another address has its own", async () => {
    const here = await world();
    expect(await tries(LIMIT + 2, () => guessKey(here))).toEqual([wrong, wrong, wrong, TOO_MANY, TOO_MANY]);
    expect(here.asked).toEqual(["find", "find", "find", "mayExist", "mayExist"]);
    expect(told(await here.call("GET", "/runs", { headers: HERE }))).toEqual([200, undefined, null]);
    expect(told(await guessKey(here, THERE))).toEqual(wrong);
  });

  it("are answered 401 again as time gives the budget back", async () => {
    const here = await world();
    await tries(LIMIT, () => guessKey(here));
    clock.now += MINUTE / LIMIT;
    expect(await tries(2, () => guessKey(here))).toEqual([wrong, TOO_MANY]);
    clock.now += 10 * MINUTE;
    expect(await tries(LIMIT + 1, () => guessKey(here))).toEqual([wrong, wrong, wrong, TOO_MANY]);
  });

  it("count for all addresses together, and for all of an IPv6 network", async () => {
    const here = await world();
    const from = (address: string) => guessKey(here, { "cf-connecting-ip": address });
    const network = ["2001:db8:1:2::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:ffff::", "2001:db8:1:2::9", "2001:db8:1:3::1", "2001:db8::1"];
    expect(await tries(network.length, (n) => from(network[n] ?? ""))).toEqual([wrong, wrong, wrong, TOO_MANY, wrong, wrong]);
    const rest = await tries(10 * LIMIT, (n) => from(`192.0.2.${n}`));
    expect(rest.filter(([status]) => status === 401)).toHaveLength(10 * LIMIT - 5);
    expect(told(await here.call("GET", "/runs"))).toEqual([200, undefined, null]);
  });
});

describe("what is right", () => {
  it("costs no budget and asks for one key", async () => {
    const here = await world();
    for (let n = 0; n < 3 * LIMIT; n += 1) expect((await here.call("GET", "/runs", { headers: HERE })).status).toBe(200);
    expect(here.asked).toEqual(Array(3 * LIMIT).fill("find"));
    expect((await guessKey(here)).status).toBe(401);
  });
});

describe("tokens that are forged", () => {
  const token = ids.callbackToken("default", summary().runId, { step: "one", generation: 0, wait: 0 });
  const forged = `${token.slice(0, -2)}${token.endsWith("AA") ? "BA" : "AA"}`;
  const body = { data: 1 };

  it("are answered 429 in the end, also in the form of a page, and no run is touched; the right one is answered", async () => {
    const here = await world();
    const wrong = [404, "not_found", null];
    const guess = () => here.call("POST", `/workflows/resume/${forged}`, { key: null, headers: HERE, body });
    expect(await tries(LIMIT + 1, guess)).toEqual([wrong, wrong, wrong, TOO_MANY]);
    const page = await here.call("GET", `/approvals/${forged}`, { key: null, headers: HERE });
    expect([page.status, page.headers.get("retry-after"), page.headers.get("content-type"), /\(rate_limited\)/.test(page.text)]).toEqual([
      429,
      "20",
      "text/html; charset=utf-8",
      true,
    ]);
    expect(here.runs.touched).toEqual([]);
    expect((await here.call("POST", `/workflows/resume/${token}`, { key: null, headers: HERE, body })).status).toBe(200);
    expect((await here.call("GET", `/approvals/${forged}`, { key: null, headers: THERE })).status).toBe(404);
  });
});

describe("signatures that are wrong", () => {
  const path = "/webhooks/named/default/signed/trigger";

  it("are answered 429 in the end and read the secret once, while the right one passes", async () => {
    const here = await world();
    const wrong = [401, "signature_invalid", null];
    const guess = () => here.call("POST", path, { key: null, headers: { ...HERE, ...signed("other") }, body: "{}" });
    expect(await tries(LIMIT + 3, guess)).toEqual([wrong, wrong, wrong, TOO_MANY, TOO_MANY, TOO_MANY]);
    expect(here.asked).toEqual(Array(LIMIT + 1).fill("reveal"));
    expect((await here.call("POST", path, { key: null, headers: { ...HERE, ...signed("{}") }, body: "{}" })).status).toBe(202);
  });
});

describe("a flood of deliveries to a public hook", () => {
  it("takes half of what the tenant may start, and leaves the other to whoever has a key", async () => {
    const here = await world(4);
    const open = () => here.call("POST", "/webhooks/named/default/open/trigger", { key: null, headers: HERE, body: {} });
    expect((await tries(5, open)).map(([status]) => status)).toEqual([202, 202, 429, 429, 429]);
    const keyed = () => here.call("POST", "/webhooks/named/open/trigger", { body: {} });
    expect((await tries(3, keyed)).map(([status]) => status)).toEqual([202, 202, 429]);
  });
});

describe("what is remembered about callers", () => {
  it("is bounded: who came longest ago is forgotten first", () => {
    const rate = createRate({ limit: 1, windowMs: MINUTE }, () => 0);
    const fill = (count: number) => Array.from({ length: count }, (_, n) => rate.take(`${n}`)).filter((late) => late > 0);
    expect([rate.take("first"), rate.take("first"), fill(MAX_NAMES - 1), rate.lateMs("first")]).toEqual([0, MINUTE, [], MINUTE]);
    expect([rate.take("one more"), rate.lateMs("first"), rate.lateMs("5")]).toEqual([0, 0, MINUTE]);
  });
});
