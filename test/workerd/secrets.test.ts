import { beforeAll, describe, expect, it } from "vitest";
import { createCredentials } from "../../shared/adapters/d1-credentials.ts";
import { MAX_OUTPUT_BYTES } from "../../shared/model/limits.ts";
import type { Transport } from "../../workers/runner/deps.ts";
import { HttpRequest } from "../../workers/runner/http-request.ts";
import { sendRequest } from "../../workers/runner/send-request.ts";
import { fakeTransport } from "../support/fake-transport.ts";
import { createTestRunner } from "../support/workerd-runner.ts";
import { ids, runIdOf, TENANT } from "../support/workerd-runs.ts";
import { testEnv } from "../support/workerd-env.ts";

const VALUE = 's3cret "välue" ✂';
const HOME = "api.example.com";
const RUN = runIdOf("secrets");
const TOKEN = ids.secretHandle(RUN, "TOKEN");
const plain = ids.secretHandle(RUN, "PLAIN");
const { credentials } = createTestRunner().deps;

beforeAll(async () => {
  await credentials.put(TENANT, "TOKEN", VALUE, [HOME]);
  await credentials.put(TENANT, "PLAIN", "plain-secret-1", [HOME]);
});

function send(request: Readonly<Record<string, unknown>>, transport: Transport, runId = RUN) {
  const context = { tenant: TENANT, runId, idempotencyKey: "key", hosts: "any", deadline: Date.now() + 10_000 } as const;
  return sendRequest(HttpRequest.parse(request), context, createTestRunner({ transport }).deps);
}
const denied = { code: "egress.denied" };

describe("a stored secret", () => {
  it("comes back as it was, to its own tenant only, and is not to be read in the database", async () => {
    expect(await credentials.reveal(TENANT, "TOKEN")).toEqual({ value: VALUE, hosts: [HOME] });
    expect(await credentials.reveal("another", "TOKEN")).toBeUndefined();
    const row = await testEnv.DB.prepare("SELECT * FROM credentials").first<{ ciphertext: string }>();
    expect(JSON.stringify(row)).not.toContain("s3cret");
    expect(Buffer.from(row?.ciphertext ?? "", "base64").toString("latin1")).not.toContain("s3cret");
  });

  it("does not open in the place of another, nor under another master key", async () => {
    await testEnv.DB.prepare("INSERT INTO credentials SELECT 'thief', name, hosts, nonce, ciphertext, created_at FROM credentials").run();
    await expect(credentials.reveal("thief", "TOKEN")).rejects.toMatchObject({ code: "credential.missing" });
    await expect(createCredentials(testEnv.DB, "00".repeat(32), () => 0).reveal(TENANT, "TOKEN")).rejects.toMatchObject({
      code: "credential.missing",
    });
  });
});

describe("egress", () => {
  it("puts a secret in for its host wherever its handle stands, and for a genuine handle only", async () => {
    const { transport, sent } = fakeTransport(() => new Response("fine"));
    const strange = ids.secretHandle(runIdOf("another"), "TOKEN");
    const body_json = { mine: TOKEN, theirs: strange };
    await send({ url: `https://${HOME}/a`, method: "post", query: { q: TOKEN }, headers: { "x-other": strange }, body_json }, transport);
    expect(sent).toEqual([
      {
        url: `https://${HOME}/a?q=${new URLSearchParams({ q: VALUE }).toString().slice(2)}`,
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": "key", "user-agent": "arcrun", "x-other": strange },
        body: JSON.stringify({ mine: VALUE, theirs: strange }),
      },
    ]);
  });

  it("puts a secret into a form and into a text", async () => {
    const { transport, sent } = fakeTransport(() => new Response("fine"));
    const request = { url: `https://${HOME}/`, method: "POST" };
    await send({ ...request, form: { client_secret: TOKEN, grant: "a b" } }, transport);
    await send({ ...request, body: `<t>${TOKEN}</t>` }, transport);
    expect(sent.map(({ body }) => body)).toEqual([
      new URLSearchParams({ client_secret: VALUE, grant: "a b" }).toString(),
      `<t>${VALUE}</t>`,
    ]);
  });

  it("sends a secret to no host that it was not stored for, however the host is spelled", async () => {
    const { transport, sent } = fakeTransport(() => new Response("fine"));
    for (const host of ["evil.example", `${HOME}.evil.example`, `evil.example/${HOME}`, "example.com"]) {
      await expect(send({ url: `https://${host}/`, query: { a: TOKEN } }, transport)).rejects.toMatchObject(denied);
    }
    await expect(send({ url: `https://${HOME}@evil.example/`, query: { a: TOKEN } }, transport)).rejects.toMatchObject(denied);
    expect(sent).toEqual([]);
  });

  it("takes a secret out of everything that comes back", async () => {
    const echo = { headers: { "x-echo": "plain-secret-1", "content-type": "application/json" } };
    const text = JSON.stringify({ raw: "plain-secret-1", base64: btoa("plain-secret-1"), url: "plain-secret-1" });
    const { transport } = fakeTransport(() => new Response(text, echo));
    const auto = await send({ url: `https://${HOME}/`, headers: { a: plain } }, transport);
    const clean = { raw: "[secret PLAIN]", base64: "[secret PLAIN]", url: "[secret PLAIN]" };
    expect([auto.json, JSON.parse(auto.body), auto.headers["x-echo"]]).toEqual([clean, clean, "[secret PLAIN]"]);
    const bytes = await send({ url: `https://${HOME}/`, headers: { a: plain }, response: "base64" }, transport);
    expect(JSON.parse(atob(bytes.body))).toEqual(clean);
    const failing: Transport = () => Promise.reject(new Error("connect plain-secret-1 failed"));
    await expect(send({ url: `https://${HOME}/`, headers: { a: plain } }, failing)).rejects.toMatchObject({
      code: "egress.failed",
      message: expect.not.stringContaining("plain-secret"),
    });
  });

  it("leaves secrets and authorization behind when a redirect leads to another host or out of TLS", async () => {
    for (const target of ["https://other.example/b", `http://${HOME}/b`]) {
      const { transport, sent } = fakeTransport(
        () => new Response(null, { status: 302, headers: { location: target } }),
        () => new Response("there"),
      );
      await send({ url: `https://${HOME}/a`, headers: { "x-key": plain, authorization: "Bearer typed", "x-plain": "1" } }, transport).catch(
        () => undefined,
      );
      expect(sent[1]).toEqual({
        url: target,
        method: "GET",
        headers: { "idempotency-key": "key", "user-agent": "arcrun", "x-plain": "1" },
        body: undefined,
      });
    }
  });

  it("does not carry a body with a secret to another host", async () => {
    const { transport, sent } = fakeTransport(() => new Response(null, { status: 307, headers: { location: "https://other.example/" } }));
    await expect(send({ url: `https://${HOME}/`, method: "POST", body: TOKEN }, transport)).rejects.toMatchObject(denied);
    expect(sent).toHaveLength(1);
  });

  it("follows five redirects and refuses the sixth", async () => {
    const { transport, sent } = fakeTransport(() => new Response(null, { status: 302, headers: { location: "/again" } }));
    await expect(send({ url: `https://${HOME}/` }, transport)).rejects.toMatchObject({ code: "egress.too_many_redirects" });
    expect(sent).toHaveLength(6);
  });

  it("checks the target of each redirect", async () => {
    for (const location of ["file:///etc/passwd", "https://user:pass@other.example/", "javascript:alert(1)"]) {
      const { transport, sent } = fakeTransport(() => new Response(null, { status: 302, headers: { location } }));
      await expect(send({ url: `https://${HOME}/` }, transport)).rejects.toMatchObject(denied);
      expect(sent).toHaveLength(1);
    }
  });

  it("refuses an answer over the cap without reading it to its end", async () => {
    let chunks = 0;
    const chunk = new Uint8Array(1024 * 1024);
    const endlessBody = () =>
      new ReadableStream<Uint8Array>({
        pull(controller) {
          chunks += 1;
          controller.enqueue(chunk);
        },
      });
    const { transport } = fakeTransport(() => new Response(endlessBody()));
    await expect(send({ url: `https://${HOME}/` }, transport)).rejects.toMatchObject({ code: "egress.response_too_large" });
    expect(chunks).toBeLessThan(MAX_OUTPUT_BYTES / chunk.byteLength + 5);
  });
});
