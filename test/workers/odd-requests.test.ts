/** Thousands of requests that make no sense, to every route, over ports in memory. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { complaintsAbout, oddRequest, type OddRequest } from "../support/odd-requests.ts";
import { upload } from "../support/part-uploads.ts";
import { apiKey, background, ids, summary } from "./fake-stores.ts";
import { definition } from "./ingress/fake-ingress.ts";
import { ALL_ROUTES, wholeApp } from "./whole-app.ts";

const BATCH = 20;
const BATCHES = 300;
const RUN = summary().runId;
const KNOWN = {
  ":tenant": "default",
  ":name": "w",
  "runs:id": RUN,
  ":sha256": "0".repeat(64),
  ":token": ids.callbackToken("default", RUN, { step: "one", generation: 0, wait: 0 }),
};
const KEYS = [
  { "x-arcrun-api-key": apiKey("owner") },
  { authorization: `Bearer ${apiKey("owner")}` },
  { "x-arcrun-api-key": apiKey("b") },
  {},
];

async function world() {
  const app = wholeApp();
  await app.call("POST", "/webhooks/named", { body: definition() });
  await app.call("POST", "/webhooks/named", { body: definition({ name: "open", trigger: { auth: "public" } }) });
  await app.call("POST", "/parts", { body: upload({ name: "w" }) });
  await app.call("PUT", "/credentials/w", { body: { value: "secret" } });
  return app;
}

/** Refusals that the requests reach, so that they are not all turned away at the door. */
const REACHED = [
  "api_key_missing",
  "idempotency_key_invalid",
  "json_invalid",
  "json_too_deep",
  "method_not_allowed",
  "multipart_invalid",
  "not_found",
  "part_invalid",
  "run_not_redrivable",
  "unsupported_encoding",
  "unsupported_media_type",
  "utf8_invalid",
  "validation_failed",
  "workflow_invalid",
];

type World = Awaited<ReturnType<typeof world>>;
async function send({ app }: World, { method, path, headers, body }: OddRequest) {
  const init = { method, headers, ...(body === undefined ? {} : { body: body.slice() }) };
  const response = await app.fetch(new Request(`http://a${path}`, init), background);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

it("is answered, never with a 5xx, and when it is refused then with a problem that tells nothing of our inside", async () => {
  const reached = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(oddRequest(ALL_ROUTES, KNOWN, KEYS), { minLength: BATCH, maxLength: BATCH }), async (requests) => {
      const here = await world();
      for (const request of requests) {
        const answer = await send(here, request);
        reached.add(/"code":"([^"]+)","request_id"/.exec(answer.text)?.[1] ?? String(answer.status));
        expect([request.method, request.path, complaintsAbout(request, answer)]).toEqual([request.method, request.path, []]);
      }
      expect(Object.keys(Object.prototype)).toEqual([]);
    }),
    { numRuns: BATCHES, seed: 20261125 },
  );
  expect([...reached]).toEqual(expect.arrayContaining(["200", "201", "202", ...REACHED]));
}, 120_000);
