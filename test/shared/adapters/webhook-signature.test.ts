import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { SignatureScheme } from "../../../shared/model/plan.ts";
import { verifySignature } from "../../../shared/webhook-signature.ts";

const NOW_MS = 1_790_000_000_000;
const NOW = NOW_MS / 1000;
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY = '{"id":"evt_1","event_id":"Ev1"}';

const hex = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest("hex");
const base64 = (key: Buffer, text: string) => createHmac("sha256", key).update(text).digest("base64");
const standardKey = (secret: string) => Buffer.from(secret.replace("whsec_", ""), "base64");

/** The headers that the provider would send at this moment with this secret. */
const SIGN: Record<SignatureScheme, (at: number, secret: string, body: string) => Record<string, string>> = {
  "standard-webhooks": (at, secret, body) => ({
    "webhook-id": "msg_1",
    "webhook-timestamp": String(at),
    "webhook-signature": `v1,${base64(standardKey(secret), `msg_1.${at}.${body}`)}`,
  }),
  github: (_, secret, body) => ({ "x-github-delivery": "d-1", "x-hub-signature-256": `sha256=${hex(secret, body)}` }),
  stripe: (at, secret, body) => ({ "stripe-signature": `t=${at},v1=${hex(secret, `${at}.${body}`)}` }),
  slack: (at, secret, body) => ({ "x-slack-request-timestamp": String(at), "x-slack-signature": `v0=${hex(secret, `v0:${at}:${body}`)}` }),
};
const IDS = { "standard-webhooks": "msg_1", github: "d-1", stripe: "evt_1", slack: "Ev1" } as const;
const SCHEMES = ["standard-webhooks", "github", "stripe", "slack"] as const;
const TIMED = ["standard-webhooks", "stripe", "slack"] as const;

const verify = (
  scheme: SignatureScheme,
  headers: Record<string, string>,
  { body = BODY, secret = SECRET }: { body?: string; secret?: string | undefined } = {},
) => verifySignature(scheme, { headers: new Headers(headers), body: Buffer.from(body) }, secret, NOW_MS);
const forged = { genuine: false };

describe.each(SCHEMES)("a signature of %s", (scheme) => {
  const good = SIGN[scheme](NOW, SECRET, BODY);

  it("is genuine when it is right, and tells the id of the delivery", () => {
    expect(verify(scheme, good)).toEqual({ genuine: true, deliveryId: IDS[scheme] });
  });

  it("is refused over another body, also when one byte is more", () => {
    expect([verify(scheme, good, { body: `${BODY} ` }), verify(scheme, good, { body: "{}" })]).toEqual([forged, forged]);
  });

  it("is refused with another secret", () => {
    expect(verify(scheme, SIGN[scheme](NOW, "whsec_b3RoZXI=", BODY))).toEqual(forged);
  });

  it.each(["", "  "])("is refused when the secret is %j", (secret) => {
    expect(verify(scheme, SIGN[scheme](NOW, secret, BODY), { secret })).toEqual(forged);
  });

  it("is refused when there is no secret", () => {
    expect(verifySignature(scheme, { headers: new Headers(good), body: Buffer.from(BODY) }, undefined, NOW_MS)).toEqual(forged);
  });

  it("is refused when any of its headers is missing, empty or cut", () => {
    const needed = Object.keys(good).filter((name) => name !== "x-github-delivery");
    for (const name of needed) {
      const { [name]: value = "", ...rest } = good;
      for (const headers of [rest, { ...rest, [name]: "" }, { ...rest, [name]: value.slice(0, -1) }])
        expect(verify(scheme, headers)).toEqual(forged);
    }
  });
});

describe.each(TIMED)("the moment of a signature of %s", (scheme) => {
  it.each([
    [-301, false],
    [-300, true],
    [300, true],
    [301, false],
  ])("%d s from now is genuine: %s", (seconds, genuine) => {
    expect(verify(scheme, SIGN[scheme](NOW + seconds, SECRET, BODY)).genuine).toBe(genuine);
  });

  it("is part of what is signed", () => {
    const shifted = Object.entries(SIGN[scheme](NOW, SECRET, BODY)).map(([name, value]) => [
      name,
      value.replace(String(NOW), String(NOW + 1)),
    ]);
    expect(verify(scheme, Object.fromEntries(shifted))).toEqual(forged);
  });
});

describe("several signatures", () => {
  const right = base64(standardKey(SECRET), `msg_1.${NOW}.${BODY}`);
  const headers = (signatures: string) => ({ "webhook-id": "msg_1", "webhook-timestamp": String(NOW), "webhook-signature": signatures });

  it("are genuine when one of them is, for secrets that are being rotated", () => {
    expect(verify("standard-webhooks", headers(`v1,AAAA v1a,BBBB v1,${right}`)).genuine).toBe(true);
    const stripe = hex(SECRET, `${NOW}.${BODY}`);
    expect(verify("stripe", { "stripe-signature": `t=${NOW},v1=00,v1=${stripe},v0=11` }).genuine).toBe(true);
  });

  it("of another version do not count", () => {
    expect(verify("standard-webhooks", headers(`v2,${right} ${right}`))).toEqual(forged);
    expect(verify("stripe", { "stripe-signature": `t=${NOW},v0=${hex(SECRET, `${NOW}.${BODY}`)}` })).toEqual(forged);
  });

  it("of two moments are refused", () => {
    expect(verify("stripe", { "stripe-signature": `t=${NOW},t=${NOW - 1},v1=${hex(SECRET, `${NOW}.${BODY}`)}` })).toEqual(forged);
  });
});
