import { Webhook } from "standardwebhooks";
import { expect, it } from "vitest";
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
