/**
 * Signatures of those who deliver webhooks, over the raw bytes. Everything that is not clearly right is wrong: no secret, an
 * empty one, no header, a moment too far from now. Comparisons take the same time wherever they differ.
 * Sources: the Standard Webhooks specification; GitHub "Validating webhook deliveries"; Stripe "Verify webhook
 * signatures manually"; Slack "Verifying requests from Slack".
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { SignatureScheme } from "./model/plan.ts";

/** How far the sender's clock may be away. */
export const SIGNATURE_TOLERANCE_SECONDS = 300;
const MAX_SIGNATURES = 16;
const MAX_ID_CHARS = 255;

export type Delivery = { readonly headers: { get(name: string): string | null }; readonly body: Uint8Array };
/** `deliveryId`: the provider's own name of the delivery, the same when it comes again. */
export type Verdict = { readonly genuine: false } | { readonly genuine: true; readonly deliveryId: string | null };

const FORGED: Verdict = { genuine: false };

/** `secret` as it is stored under `/credentials`; `nowMs` in milliseconds of the epoch. */
export function verifySignature(scheme: SignatureScheme, { headers, body }: Delivery, secret: string | undefined, nowMs: number): Verdict {
  if (secret === undefined || secret.trim() === "") return FORGED;
  switch (scheme) {
    case "standard-webhooks":
      return verifyStandard(headers, body, secret, nowMs);
    case "github":
      return verifyGithub(headers, body, secret);
    case "stripe":
      return verifyStripe(headers, body, secret, nowMs);
    case "slack":
      return verifySlack(headers, body, secret, nowMs);
  }
}

function verifyStandard(headers: Delivery["headers"], body: Uint8Array, secret: string, nowMs: number): Verdict {
  const [id, moment] = [headers.get("webhook-id") ?? "", headers.get("webhook-timestamp") ?? ""];
  const key = standardKey(secret);
  if (!isId(id) || !isRecent(moment, nowMs) || key.byteLength === 0) return FORGED;
  const expected = hmac(key, `${id}.${moment}.`, body);
  const given = (headers.get("webhook-signature") ?? "").split(" ").flatMap((one) => (one.startsWith("v1,") ? [one.slice(3)] : []));
  return verdict(anyMatches(given, expected.toString("base64")), id);
}

/** Base64 after `whsec_`; a secret that is not base64 is taken as it is. */
function standardKey(secret: string): Uint8Array {
  const text = secret.startsWith("whsec_") ? secret.slice("whsec_".length) : secret;
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64").replace(/=+$/, "") === text.replace(/=+$/, "") ? bytes : Buffer.from(text);
}

function verifyGithub(headers: Delivery["headers"], body: Uint8Array, secret: string): Verdict {
  const given = headers.get("x-hub-signature-256") ?? "";
  const genuine = anyMatches([given], `sha256=${hmac(secret, "", body).toString("hex")}`);
  return verdict(genuine, headers.get("x-github-delivery"));
}

function verifyStripe(headers: Delivery["headers"], body: Uint8Array, secret: string, nowMs: number): Verdict {
  const fields = (headers.get("stripe-signature") ?? "").split(",").map((field) => field.trim().split("="));
  const valuesOf = (name: string) => fields.flatMap(([key, value]) => (key === name && value !== undefined ? [value] : []));
  const moments = valuesOf("t");
  const [moment = ""] = moments;
  if (moments.length !== 1 || !isRecent(moment, nowMs)) return FORGED;
  const genuine = anyMatches(valuesOf("v1"), hmac(secret, `${moment}.`, body).toString("hex"));
  return verdict(genuine, genuine ? idInBody(body, "id") : null);
}

function verifySlack(headers: Delivery["headers"], body: Uint8Array, secret: string, nowMs: number): Verdict {
  const moment = headers.get("x-slack-request-timestamp") ?? "";
  if (!isRecent(moment, nowMs)) return FORGED;
  const genuine = anyMatches([headers.get("x-slack-signature") ?? ""], `v0=${hmac(secret, `v0:${moment}:`, body).toString("hex")}`);
  return verdict(genuine, genuine ? idInBody(body, "event_id") : null);
}

const hmac = (key: string | Uint8Array, prefix: string, body: Uint8Array): Buffer =>
  createHmac("sha256", key).update(prefix).update(body).digest();

const verdict = (genuine: boolean, id: string | null): Verdict =>
  genuine ? { genuine, deliveryId: id !== null && isId(id) ? id : null } : FORGED;

const isId = (id: string): boolean => id.length > 0 && id.length <= MAX_ID_CHARS;

function isRecent(moment: string, nowMs: number): boolean {
  return /^\d{1,12}$/.test(moment) && Math.abs(nowMs / 1000 - Number(moment)) <= SIGNATURE_TOLERANCE_SECONDS;
}

/** Looks at all that were given, so that time does not tell which one matched. */
function anyMatches(given: readonly string[], expected: string): boolean {
  const wanted = Buffer.from(expected);
  const matches = given.slice(0, MAX_SIGNATURES).filter((one) => {
    const bytes = Buffer.from(one);
    return bytes.byteLength === wanted.byteLength && timingSafeEqual(bytes, wanted);
  });
  return matches.length > 0;
}

function idInBody(body: Uint8Array, field: string): string | null {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body));
    if (typeof parsed !== "object" || parsed === null || !Object.hasOwn(parsed, field)) return null;
    const id: unknown = Object.getOwnPropertyDescriptor(parsed, field)?.value;
    return typeof id === "string" ? id : null;
  } catch {
    return null;
  }
}
