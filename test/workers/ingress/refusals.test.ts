import { describe, expect, it } from "vitest";
import { ids } from "../fake-stores.ts";
import { ALL, definition, ingress, pushed, TRIGGER, type Sent } from "./fake-ingress.ts";

describe("a refusal", () => {
  it("is a problem in one shape, with the id of the request and the template of the route", async () => {
    const { status, headers, body } = await ingress().call("POST", "/webhooks/named/nobody/trigger", { body: {} });
    expect([status, headers.get("content-type"), headers.get("x-request-id")]).toEqual([404, "application/problem+json", "req_0"]);
    expect(body).toEqual({
      type: "https://arcrun.dev/errors/not_found",
      title: "not found",
      status: 404,
      detail: "there is no such thing here",
      instance: "/webhooks/named/:name/trigger",
      code: "not_found",
      request_id: "req_0",
      retryable: false,
      errors: [],
      success: false,
      error: "there is no such thing here",
    });
  });

  it.each<[string, number, string, [string, string, Sent?]]>([
    ["no key", 401, "api_key_missing", ["GET", "/runs", { key: null }]],
    ["an unknown key", 401, "api_key_invalid", ["GET", "/runs", { key: "nobody" }]],
    ["another bearer", 401, "api_key_invalid", ["GET", "/runs", { key: null, headers: { authorization: "Bearer x" } }]],
    ["another method", 405, "method_not_allowed", ["GET", TRIGGER]],
    ["an unknown address", 404, "not_found", ["GET", "/nowhere"]],
    ["another type", 415, "unsupported_media_type", ["POST", TRIGGER, { body: "<a/>", type: "application/xml" }]],
    ["another charset", 415, "unsupported_media_type", ["POST", TRIGGER, { body: "{}", type: "application/json; charset=latin1" }]],
    ["a compressed body", 415, "unsupported_encoding", ["POST", TRIGGER, { body: "{}", headers: { "content-encoding": "gzip" } }]],
    ["broken JSON", 400, "json_invalid", ["POST", TRIGGER, { body: '{"a":' }]],
    ["deep JSON", 400, "json_too_deep", ["POST", TRIGGER, { body: "[".repeat(65) + "]".repeat(65) }]],
    ["a large body", 413, "payload_too_large", ["POST", TRIGGER, { body: `"${"x".repeat(10 * 1024 * 1024)}"` }]],
    ["a long idempotency key", 400, "idempotency_key_invalid", ["POST", TRIGGER, { headers: { "idempotency-key": "k".repeat(256) } }]],
    ["another idempotency key", 400, "idempotency_key_invalid", ["POST", TRIGGER, { headers: { "idempotency-key": "caf\u00e9" } }]],
    ["two keys", 400, "api_key_ambiguous", ["POST", TRIGGER, { body: { api_key: "another" } }]],
    ["a wait that is none", 422, "validation_failed", ["POST", `${TRIGGER}?wait=soon`]],
    ["a final callback that is no web address", 422, "validation_failed", ["POST", `${TRIGGER}?final_callback_url=file:///x`]],
    ["a cursor that is none", 422, "validation_failed", ["GET", `/runs/${ids.runId("default", "1")}/trace?cursor=x`]],
  ])("for %s is %d %s", async (_, status, code, [method, path, sent]) => {
    const { call, runs } = await pushed();
    const answer = await call(method, path, sent);
    expect([answer.status, answer.body?.code, runs.calls]).toEqual([status, code, []]);
    if (status === 401) expect(answer.headers.get("www-authenticate")).toMatch(/Bearer/);
    if (status === 405) expect(answer.headers.get("allow")).toBe("POST");
  });

  it("takes brackets in strings for text", async () => {
    const { call } = await pushed();
    expect((await call("POST", TRIGGER, { body: { text: `\\"${"[".repeat(100)}` } })).status).toBe(202);
  });
});

describe("a key", () => {
  it.each([
    ["GET", "/runs", "read"],
    ["GET", "/webhooks/named", "read"],
    ["POST", TRIGGER, "trigger"],
    ["POST", "/webhooks/named", "deploy"],
    ["DELETE", "/webhooks/named/w", "deploy"],
    ["GET", "/keys", "admin"],
    ["GET", "/keys/signing", "admin"],
    ["GET", "/schedules", "read"],
    ["GET", "/credentials", "admin"],
  ])("may %s %s with the scope %s only", async (method, path, scope) => {
    for (const key of ALL) {
      const { call } = await pushed();
      const { status } = await call(method, path, {
        key,
        ...(path === "/webhooks/named" && method === "POST" ? { body: definition() } : {}),
      });
      expect([key, status === 403]).toEqual([key, key !== scope]);
    }
  });

  it("for another tenant is made by the operator only", async () => {
    const { call } = ingress();
    const wish = (tenant?: string) => ({ body: { name: "n", scopes: ["read"], ...(tenant === undefined ? {} : { tenant }) } });
    const made = await call("POST", "/keys", wish("c"));
    expect([made.status, made.body]).toEqual([
      201,
      expect.objectContaining({ tenant: "c", scopes: ["read"], key: expect.stringMatching(/^ak_[0-9a-f]{48}$/) }),
    ]);
    expect((await call("POST", "/keys", { ...wish("default"), key: "b" })).status).toBe(403);
    expect((await call("POST", "/keys", { ...wish(), key: "b" })).body?.tenant).toBe("b");
  });
});
