/** What others sign, in libraries of the providers and in examples of their documentation: none of it is computed by us. */
import { createHmac } from "node:crypto";
import { sign as signGithub } from "@octokit/webhooks-methods";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";
import { expect, it } from "vitest";
import type { SignatureScheme } from "../../../shared/model/plan.ts";
import { verifySignature } from "../../../shared/webhook-signature.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NOW_MS = 1_790_000_000_000;
const BODY = '{"a":"ü","n":1.0}';
const signature = new Webhook(SECRET).sign("msg_1", new Date(NOW_MS), BODY);

function verify(body: Uint8Array, signed = signature) {
  const headers = new Headers({ "webhook-id": "msg_1", "webhook-timestamp": String(NOW_MS / 1000), "webhook-signature": signed });
  return verifySignature("standard-webhooks", { headers, body }, SECRET, NOW_MS);
}

function flipped(bytes: Uint8Array, bit: number) {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

it("what the library of Standard Webhooks signs is genuine", () => {
  expect(verify(Buffer.from(BODY))).toEqual({ genuine: true, deliveryId: "msg_1" });
});

it.each([`\uFEFF${BODY}`, `${BODY}\n`, JSON.stringify(JSON.parse(BODY)), ""])("the body %j is not the one that was signed", (body) => {
  expect(verify(Buffer.from(body))).toEqual({ genuine: false });
});

it("no flipped bit of the body or of the signature is genuine", () => {
  const body = Buffer.from(BODY);
  const digest = Buffer.from(signature.slice("v1,".length), "base64");
  const bodies = Array.from({ length: body.length * 8 }, (_, bit) => verify(flipped(body, bit)).genuine);
  const digests = Array.from({ length: digest.length * 8 }, (_, bit) =>
    verify(body, `v1,${Buffer.from(flipped(digest, bit)).toString("base64")}`),
  );
  expect([bodies.filter(Boolean), digests.filter(({ genuine }) => genuine)]).toEqual([[], []]);
});

const NOW = NOW_MS / 1000;
const STRIPE_BODY = JSON.stringify({ id: "evt_1", name: "ü \u2028" }, null, 2);
const stripe = new Stripe("sk_test_none");
const signStripe = (timestamp: number) => stripe.webhooks.generateTestHeaderString({ payload: STRIPE_BODY, secret: SECRET, timestamp });
const judged = (scheme: SignatureScheme, headers: Record<string, string>, body: string, secret = SECRET, nowMs = NOW_MS) =>
  verifySignature(scheme, { headers: new Headers(headers), body: Buffer.from(body) }, secret, nowMs);

it.each([
  [0, true],
  [299, true],
  [300, true],
  [301, false],
  [-299, true],
  [-300, true],
  [-301, false],
])("what the library of Stripe signs %d s from now is genuine: %s", (seconds, genuine) => {
  const verdict = genuine ? { genuine, deliveryId: "evt_1" } : { genuine };
  expect(judged("stripe", { "stripe-signature": signStripe(NOW + seconds) }, STRIPE_BODY)).toEqual(verdict);
});

/** Each would be now, if it were read as a number by whoever is generous. */
it.each([`+${NOW}`, `-${NOW}`, `${NOW / 1e9}e9`, `0x${NOW.toString(16)}`, `${NOW}.0`, `${NOW}s`, "now", "NaN", "", `0000${NOW}`])(
  "the moment %j is none, though it is signed",
  (moment) => {
    const mac = (text: string) => createHmac("sha256", SECRET).update(text).digest("hex");
    const headers = { "stripe-signature": `t=${moment},v1=${mac(`${moment}.${STRIPE_BODY}`)}` };
    expect(judged("stripe", headers, STRIPE_BODY)).toEqual({ genuine: false });
    const slack = { "x-slack-request-timestamp": moment, "x-slack-signature": `v0=${mac(`v0:${moment}:{}`)}` };
    expect(judged("slack", slack, "{}")).toEqual({ genuine: false });
  },
);

it("what the library of GitHub signs is genuine, and a body that was parsed and written again is not", async () => {
  const headers = { "x-hub-signature-256": await signGithub(SECRET, BODY), "x-github-delivery": "d-1" };
  expect(judged("github", headers, BODY)).toEqual({ genuine: true, deliveryId: "d-1" });
  expect(judged("github", headers, JSON.stringify(JSON.parse(BODY)))).toEqual({ genuine: false });
});

it("the example of GitHub's documentation is genuine", () => {
  const signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  expect(judged("github", { "x-hub-signature-256": signature }, "Hello, World!", "It's a Secret to Everybody").genuine).toBe(true);
});

it("the example of Slack's documentation is genuine at its time, and not five minutes and a second later", () => {
  const body =
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
  const headers = {
    "x-slack-request-timestamp": "1531420618",
    "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
  };
  const at = (seconds: number) =>
    judged("slack", headers, body, "8f742231b10e8888abcd99yyyzzz85a5", (1_531_420_618 + seconds) * 1000).genuine;
  expect([at(0), at(300), at(301), at(-300), at(-301)]).toEqual([true, true, false, true, false]);
});
