import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { apiKey, ids, runView, summary } from "../fake-stores.ts";
import { definition, accept, type ingress, pushed, TRIGGER, type Sent } from "./fake-ingress.ts";

describe("a delivery", () => {
  it("starts a run with its input, without the old api_key, and keeps __proto__ as data", async () => {
    const { call, started } = await pushed();
    const { status, body } = await call("POST", TRIGGER, { body: `{"api_key":"${apiKey("owner")}","__proto__":{"a":1},"n":1}` });
    expect([status, body]).toEqual([
      202,
      {
        success: true,
        run_id: started()[0]?.runId,
        workflow: "w",
        version: started()[0]?.plan.version,
        status: "running",
        status_url: `http://arcrun.test/runs/${started()[0]?.runId}`,
      },
    ]);
    expect(started()[0]).toMatchObject({
      tenant: "default",
      input: { json: '{"__proto__":{"a":1},"n":1}' },
      taken: [0],
      origin: { kind: "webhook", depth: 0 },
    });
  });

  it("with an idempotency key has the same run id for the same workflow and tenant", async () => {
    const { call, started } = await pushed();
    const headers = { "idempotency-key": "k" };
    for (const body of [{ a: 1, b: 2 }, '{"b":2, "a":1}', { a: 2 }]) await call("POST", TRIGGER, { body, headers });
    const [first, second, third] = started();
    expect([second?.runId, second?.inputDigest, third?.runId]).toEqual([first?.runId, first?.inputDigest, first?.runId]);
    expect(third?.inputDigest).not.toBe(first?.inputDigest);
  });

  it("that came before is answered with the run of that time, and with another body refused", async () => {
    const replay = await pushed({}, { start: async (run) => ({ ...(await accept(run)), created: false, version: "old" }) });
    expect((await replay.call("POST", TRIGGER, { headers: { "idempotency-key": "k" } })).body).toMatchObject({
      version: "old",
      idempotent_replay: true,
    });
    const mismatch = await pushed({}, { start: async (run) => ({ ...(await accept(run)), created: false, mismatch: true }) });
    expect((await mismatch.call("POST", TRIGGER)).body).toMatchObject({ status: 422, code: "idempotency_mismatch" });
  });

  it("that does not fit the schema is 422 with pointers", async () => {
    const { call, runs } = await pushed({ input: { type: "object", properties: { n: { type: "integer" } } } });
    const { status, body } = await call("POST", TRIGGER, { body: { n: "one" } });
    expect([status, body?.errors, runs.calls]).toEqual([422, [expect.objectContaining({ pointer: "/n" })], []]);
  });

  it("follows only the conditions of the start that hold", async () => {
    const flow = ["input >> WHEN(input.n > 1) >> a", "input >> WHEN(input.n < 1) >> b", "input >> ON_SUCCESS >> c"];
    const set = { component: "set", values: {} };
    const { call, started } = await pushed({ flow, config: { a: set, b: set, c: set } });
    await call("POST", TRIGGER, { body: { n: 2 } });
    expect(started()[0]?.taken).toEqual([0, 2]);
  });
});

describe("without a key", () => {
  const hit = (world: ReturnType<typeof ingress>, path: string, sent: Sent = {}) =>
    world.call("POST", path, { key: null, body: { n: 1 }, ...sent });

  it("a workflow that needs one and a workflow that is not there look alike", async () => {
    const world = await pushed();
    const answers = [await hit(world, "/webhooks/named/default/w/trigger"), await hit(world, "/webhooks/named/default/nobody/trigger")];
    expect(new Set(answers.map(({ status, text }) => `${status} ${text.replace(/req_\d+/, "ID")}`))).toEqual(
      new Set([expect.stringMatching(/^401 .*api_key_missing/)]),
    );
    expect((await hit(world, "/webhooks/named/default/w/trigger", { key: "b" })).status).toBe(404);
  });

  it("a public workflow starts, tells nothing of its inside, and sends its result nowhere", async () => {
    const step = {
      key: "a",
      node: "a",
      item: null,
      status: "succeeded",
      attempt: 1,
      component: "set",
      digest: null,
      startedAt: 1,
      endedAt: 2,
      fuel: 1,
    } as const;
    const steps = [{ ...step, input: { json: '"inside"' }, output: null, error: null, crashSuspect: false, childRuns: [], events: [] }];
    const view = runView({
      summary: summary({ status: "succeeded", endedAt: 1500 }),
      output: { kind: "one", output: { json: '{"data":7}' } },
      steps,
    });
    const world = await pushed(
      { trigger: { auth: "public" } },
      { wait: () => Promise.resolve("succeeded"), view: () => Promise.resolve(view) },
    );
    const path = "/webhooks/named/default/w/trigger";
    expect((await hit(world, path)).status).toBe(202);
    const { status, body } = await hit(world, `${path}?wait=5`);
    expect([status, body]).toEqual([200, { success: true, run_id: view.summary.runId, status: "succeeded", data: 7, duration_ms: 500 }]);
    expect((await hit(world, path, { headers: { "arcrun-final-callback": "https://x.test/" } })).status).toBe(403);
  });

  it("a signed workflow starts for the right signature only, and counts the provider's id then", async () => {
    const world = await pushed({ trigger: { auth: { signature: "github", secret: "S" } } });
    const path = "/webhooks/named/default/w/trigger";
    const sign = (secret: string) => ({
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update('{"n":1}').digest("hex")}`,
      "x-github-delivery": "1",
    });
    expect((await hit(world, path, { headers: sign("hush") })).status).toBe(401);
    const validate = () =>
      world.call("POST", "/validate", { body: definition({ trigger: { auth: { signature: "github", secret: "S" } } }) });
    expect((await validate()).body?.["warnings"]).toMatchObject([{ pointer: "/trigger/auth/secret", code: "trigger.secret_missing" }]);
    await world.call("PUT", "/credentials/S", { body: { value: "hush", hosts: [] } });
    expect((await validate()).body?.["warnings"]).toEqual([]);
    const statuses = [];
    for (const headers of [sign("hush"), sign("hush"), sign("wrong"), {}]) statuses.push((await hit(world, path, { headers })).status);
    expect(statuses).toEqual([202, 202, 401, 401]);
    expect(new Set(world.started().map(({ runId }) => runId)).size).toBe(1);
  });
});

describe("who waits", () => {
  const wait = () => Promise.resolve(null);
  const drawing = () => Promise.resolve({ plan: runView({}).plan, tally: { vertices: [], edges: [], loops: [] } });
  const waiting = async (view: Parameters<typeof runView>[0], path = `${TRIGGER}?wait=1`) =>
    (await pushed({}, { wait, view: () => Promise.resolve(runView(view)), drawing })).call("POST", path);

  it("is told how the run failed, with the node", async () => {
    const error = { code: "paper.jam", message: "stuck", retryable: false, node: "a" };
    const { status, body } = await waiting({ summary: summary({ status: "failed", endedAt: 1001 }), error });
    expect([status, body]).toEqual([500, expect.objectContaining({ success: false, status: "failed", error, trace: [], duration_ms: 1 })]);
  });

  it("is told where the run paused", async () => {
    const ref = { step: "ask", generation: 0, wait: 0 };
    const one = {
      node: "ask",
      item: null,
      reason: "callback",
      taskId: "t",
      ref,
      note: null,
      since: 0,
      expiresAt: null,
      childRuns: [],
    } as const;
    const { status, body } = await waiting({ summary: summary({ status: "waiting" }), waiting: [one] });
    expect([status, body]).toEqual([
      202,
      expect.objectContaining({
        success: true,
        paused: true,
        paused_node_id: "ask",
        task_id: "t",
        graph: { nodes: [], edges: [] },
        mermaid: "flowchart TD",
      }),
    ]);
    expect(JSON.stringify(body)).toContain(`http://arcrun.test/workflows/resume/${ids.callbackToken("default", summary().runId, ref)}`);
  });

  it("is told that the run goes on", async () => {
    const { status, body } = await waiting({});
    expect([status, body?.status, body?.paused]).toEqual([202, "running", undefined]);
  });

  it("is given the bare output of a query", async () => {
    const output = {
      kind: "many",
      outputs: ["a", "b"].map((node) => ({ node, isList: false, values: [{ json: `{"data":"${node}"}` }] })),
    } as const;
    const { status, body } = await waiting({ summary: summary({ status: "succeeded", endedAt: 1 }), output }, "/webhooks/named/w/query");
    expect([status, body]).toEqual([200, { a: "a", b: "b" }]);
  });

  it("is answered as a respond node says, without cookies and in a sandbox", async () => {
    const data = {
      status: 201,
      headers: { "x-made-by": "me", "set-cookie": "a=b", "content-security-policy": "none", "bad name": "x" },
      body: { made: 1 },
    };
    const { status, headers, body } = await waiting({ response: { json: JSON.stringify({ success: true, data }) } });
    expect([status, body, headers.get("x-made-by"), headers.get("set-cookie"), headers.get("content-security-policy")]).toEqual([
      201,
      { made: 1 },
      "me",
      null,
      "sandbox",
    ]);
  });
});
