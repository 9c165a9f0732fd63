/** How often keys and tokens make us hash, compare and read: the same for all that are wrong, so that time tells nothing about them. */
import type * as NodeCrypto from "node:crypto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { authenticate } from "../../shared/http/key-auth.ts";
import { createIds, sha256Hex } from "../../shared/ids.ts";
import { apiKey, fakeKeys, patient } from "./fake-stores.ts";

type Crypto = typeof NodeCrypto;
const work: string[] = [];
vi.mock("node:crypto", async (original) => {
  const real = await original<Crypto>();
  return {
    ...real,
    createHash: (name: string) => (work.push("hash"), real.createHash(name)),
    createHmac: (name: string, key: string) => (work.push("mac"), real.createHmac(name, key)),
    timingSafeEqual: (one: Uint8Array, other: Uint8Array) => (work.push("compare"), real.timingSafeEqual(one, other)),
  };
});
beforeEach(() => {
  work.length = 0;
});

describe("an API key", () => {
  const known = fakeKeys({ name: "a", tenant: "a", scopes: [] }, { name: "revoked", tenant: "a", scopes: [] });
  const right = apiKey("a");
  const keys = { ...known, find: (hash: string) => (work.push("read"), known.find(hash)) };
  const last = right.endsWith("0") ? "1" : "0";

  it.each([
    ["unknown", `ak_${"0".repeat(48)}`, ["hash", "read"]],
    ["right but for its last digit", `${right.slice(0, -1)}${last}`, ["hash", "read"]],
    ["right but for its first digit", `ak_${right.charAt(3) === "0" ? "1" : "0"}${right.slice(4)}`, ["hash", "read"]],
    ["revoked", apiKey("revoked"), ["hash", "read"]],
    // Not of the form of a key, which is no secret.
    ["no key", "x", ["hash"]],
    ["too long", `${right}0`, ["hash"]],
    ["in capitals", right.toUpperCase(), ["hash"]],
  ])("that is %s costs what every wrong one costs", async (_, key, cost) => {
    await known.revoke("a", "key_revoked");
    work.length = 0;
    const tried = authenticate({ keys, failures: patient }, new Headers({ "x-arcrun-api-key": key }));
    await expect(tried).rejects.toMatchObject({ code: "api_key_invalid" });
    expect(work).toEqual(cost);
  });

  it("that is right costs no more", async () => {
    expect(await authenticate({ keys, failures: patient }, new Headers({ "x-arcrun-api-key": right }))).toMatchObject({ tenant: "a" });
    expect(work).toEqual(["hash", "read"]);
  });
});

describe("a callback token", () => {
  const ids = createIds("12".repeat(32));
  const run = ids.runId("a", "1");
  const right = ids.callbackToken("a", run, { step: "s", generation: 0, wait: 0 });
  const [payload = "", mac = ""] = right.split(".");
  const others = createIds("34".repeat(32)).callbackToken("a", run, { step: "s", generation: 0, wait: 0 });
  const foreign = Buffer.from(JSON.stringify([1, "b", run, "s", 0, 0])).toString("base64url");

  it.each([
    ["made with another master key", others],
    ["another tenant's payload under a right signature", `${foreign}.${mac}`],
    ["right but for its last character", `${right.slice(0, -1)}${right.endsWith("A") ? "E" : "A"}`],
    ["right but for the first of its signature", `${payload}.${mac.startsWith("A") ? "B" : "A"}${mac.slice(1)}`],
    ["cut", right.slice(0, -1)],
    ["longer", `${right}A`],
    ["without a signature", payload],
    ["nothing", ""],
    ["huge", "x".repeat(1_000_000)],
    ["one with too many parts", `${right}.${mac}`.replace(mac, "")],
  ])("that is %s costs one MAC and one comparison", (_, token) => {
    expect([ids.readToken(token), work]).toEqual([undefined, ["mac", "compare"]]);
  });

  it("that is right costs no more", () => {
    expect([ids.readToken(right), work]).toEqual([
      { tenant: "a", runId: run, ref: { step: "s", generation: 0, wait: 0 } },
      ["mac", "compare"],
    ]);
  });
});

describe("the id of a run", () => {
  const ids = createIds("12".repeat(32));
  it("that is another tenant's costs what one that is nobody's costs", () => {
    const [theirs, nobodys] = [ids.runId("b", "1"), `run_${sha256Hex("x").slice(0, 44)}`];
    work.length = 0;
    expect([ids.isRunOf("a", theirs), work.splice(0)]).toEqual([false, ["mac", "compare"]]);
    expect([ids.isRunOf("a", nobodys), work.splice(0)]).toEqual([false, ["mac", "compare"]]);
  });
});
