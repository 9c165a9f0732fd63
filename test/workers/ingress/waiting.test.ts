import { expect, it } from "vitest";
import { ids, runView, summary } from "../fake-stores.ts";
import { ingress } from "./fake-ingress.ts";

const RUN = ids.runId("default", "1");
const REF = { step: "ask[2]", generation: 0, wait: 0 };
const wait = { node: "ask", item: [2], taskId: null, ref: REF, note: "Pay?", since: 1000, expiresAt: 2000, childRuns: [] };

it("a run tells the page of an approval, and no page of a callback", async () => {
  const waiting = [
    { ...wait, reason: "approval" as const },
    { ...wait, reason: "callback" as const },
  ];
  const { call } = ingress({ view: () => Promise.resolve(runView({ summary: summary({ status: "waiting" }), waiting })) });
  const token = ids.callbackToken("default", RUN, REF);
  const callback_url = `http://arcrun.test/workflows/resume/${token}`;
  const { body } = await call("GET", `/runs/${RUN}`);
  const common = { node: "ask", item: [2], note: "Pay?", since: "1970-01-01T00:00:01.000Z", expires_at: "1970-01-01T00:00:02.000Z" };
  expect(body?.["waiting"]).toEqual([
    { ...common, reason: "approval", approval_url: `http://arcrun.test/approvals/${token}`, callback_url },
    { ...common, reason: "callback", callback_url },
  ]);
});

it("a run tells which time of which schedule it was for", async () => {
  const origin = { kind: "schedule", depth: 0, scheduledAt: 60_000 } as const;
  const { call } = ingress({ view: () => Promise.resolve(runView({ origin })) });
  expect((await call("GET", `/runs/${RUN}`)).body?.["origin"]).toEqual({ kind: "schedule", scheduled_at: "1970-01-01T00:01:00.000Z" });
});

it("the secret of signatures is told to each tenant its own, as libraries take it", async () => {
  const { call } = ingress();
  const [mine, other] = [await call("GET", "/keys/signing"), await call("GET", "/keys/signing", { key: "b" })];
  const secretOf = (tenant: string) => `whsec_${Buffer.from(ids.signingKey(tenant)).toString("base64")}`;
  expect([mine.body, other.body]).toEqual([{ signing_secret: secretOf("default") }, { signing_secret: secretOf("b") }]);
});
