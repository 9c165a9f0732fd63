import { expect, it } from "vitest";
import { createHttpApp } from "../../shared/http/http-app.ts";
import { parseAnswer } from "../../workers/callback/parse-answer.ts";
import { respondAnswer } from "../../workers/ingress/respond-answer.ts";
import { background, fakeKeys, patient } from "../workers/fake-stores.ts";

const app = createHttpApp({ keys: fakeKeys(), failures: patient, newRequestId: () => "req_0" }, [
  { method: "POST", path: "/keyed", scope: "admin", handle: () => Promise.resolve(new Response("done")) },
]);

/** A body of so many chunks, and how many of them were read. */
function counted(chunks: number) {
  const read = { count: 0 };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (read.count === chunks) return controller.close();
        read.count++;
        controller.enqueue(new Uint8Array(1024));
      },
    },
    { highWaterMark: 0 },
  );
  return { read, init: { method: "POST", body, duplex: "half" } };
}

it.each([
  ["of somebody without a key", "/keyed", 401],
  ["to an address that nobody has", "/nowhere", 404],
])("a body %s is read to its end before it is refused, so that the client sees why", async (_, path, status) => {
  const { read, init } = counted(300);
  const answer = await app.fetch(new Request(`http://arcrun.test${path}`, init), background);
  expect([answer.status, read.count]).toEqual([status, 300]);
});

it("an endless body is not read for ever", async () => {
  const { read, init } = counted(1_000_000);
  expect((await app.fetch(new Request("http://arcrun.test/nowhere", init), background)).status).toBe(404);
  expect(read.count).toBeLessThan(50_000);
});

it("an address that cannot be read, from a Host header that is none, is a problem of the client", async () => {
  const request = Object.defineProperty(new Request("http://arcrun.test/keyed", { method: "POST" }), "url", { value: "http://a b/keyed" });
  const answer = await app.fetch(request, background);
  expect([answer.status, answer.headers.get("content-type"), await answer.json()]).toEqual([
    400,
    "application/problem+json",
    expect.objectContaining({ code: "request_malformed", request_id: "req_0" }),
  ]);
});

it("an answer's error has no room for more than the log has", () => {
  expect(parseAnswer({ error: { details: "x".repeat(1000) } }).error?.details).toHaveLength(1000);
  expect(() => parseAnswer({ error: { details: "x".repeat(40_000) } })).toThrow(expect.objectContaining({ code: "validation_failed" }));
});

it("a respond node sets no header that binds the whole origin", () => {
  const headers = { "Clear-Site-Data": '"*"', "Alt-Svc": 'h3="evil.test:443"', "Report-To": "{}", NEL: "{}", "X-Own": "1" };
  const names = [...respondAnswer({ status: 200, headers, body: "x" }).headers.keys()];
  expect(names).toEqual(["content-security-policy", "content-type", "x-content-type-options", "x-own"]);
});
