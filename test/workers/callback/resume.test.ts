import { describe, expect, it } from "vitest";
import type { Answer } from "../../../shared/model/log.ts";
import type { AnswerReply, RunApi } from "../../../shared/run-api.ts";
import { createCallbackApp } from "../../../workers/callback/app.ts";
import { apiKey, background, fakeHints, fakeKeys, fakeRuns, ids, inlinePayloads, patient, summary } from "../fake-stores.ts";

const RUN = ids.runId("t", "1");
const REF = { step: "ask", generation: 0, wait: 0 };
const TOKEN = ids.callbackToken("t", RUN, REF);
const HINT = { lane: "steps", hint: { v: 1, tenant: "t", run: RUN, step: "ask" } } as const;

function callback(reply: AnswerReply = { kind: "accepted", taskId: "task", hints: [HINT], summary: summary() }) {
  const runs = fakeRuns({ answer: () => Promise.resolve(reply) });
  const hints = fakeHints();
  let requests = 0;
  const app = createCallbackApp({
    ids,
    runs,
    hints,
    payloads: inlinePayloads,
    keys: fakeKeys(
      { name: "t", tenant: "t", scopes: ["trigger"] },
      { name: "reader", tenant: "t", scopes: ["read"] },
      { name: "b", tenant: "b", scopes: ["trigger"] },
    ),
    failures: patient,
    teller: { tell: () => Promise.resolve() },
    newRequestId: () => `req_${requests++}`,
  });
  const post = async (path: string, body: unknown, { key, type = "application/json" }: { key?: string; type?: string } = {}) => {
    const headers = { "content-type": type, ...(key === undefined ? {} : { "x-arcrun-api-key": apiKey(key) }) };
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await app.fetch(new Request(`http://a${path}`, { method: "POST", headers, body: text }), background);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const answered = () => runs.calls.map(({ args }) => args as Parameters<RunApi["answer"]>); // `answer` is all that this Worker calls
  return { app, runs, hints, post, answered };
}
const parsed = ({ text }: { text: string }): Record<string, unknown> => JSON.parse(text);
const bare = ({ status, text }: { status: number; text: string }) => `${status} ${text.replace(/req_\d+/, "ID")}`;

describe("an answer", () => {
  it("is logged, its run is woken, and then it is acknowledged", async () => {
    const { post, hints, answered } = callback();
    const answer = await post(`/workflows/resume/${TOKEN}`, { success: true, data: { n: 1 } });
    expect([answer.status, parsed(answer)]).toEqual([200, { success: true, resumed: true, run_id: RUN, task_id: "task" }]);
    expect(answered()).toEqual([
      [{ ref: REF }, { success: true, data: { json: '{"n":1}' }, digest: expect.stringMatching(/^[0-9a-f]{64}$/) }, { n: 1 }],
    ]);
    expect(hints.sent).toEqual([HINT]);
  });

  it.each<[string, unknown, Partial<Answer>]>([
    ["data", { data: [1] }, { success: true, data: { json: "[1]" } }],
    ["result, as older daemons say", { result: "text" }, { success: true, data: { json: '"text"' } }],
    ["data rather than result", { data: null, result: 1 }, { success: true, data: { json: "null" } }],
    ["nothing", {}, { success: true, data: { json: "null" } }],
    [
      "a failure with its code",
      { success: false, error: { code: "a.b", message: "m", retryable: true } },
      { success: false, error: { code: "a.b", message: "m", retryable: false } },
    ],
    [
      "an error without a word of success",
      { error: "no paper" },
      { success: false, error: { code: "callback.failed", message: "no paper", retryable: false } },
    ],
    [
      "a failure without an error",
      { success: false },
      { success: false, error: { code: "callback.failed", message: "the answer reports a failure", retryable: false } },
    ],
  ])("may hold %s", async (_, body, expected) => {
    const { post, answered } = callback();
    expect((await post(`/workflows/resume/${TOKEN}`, body)).status).toBe(200);
    expect(answered()[0]?.[1]).toMatchObject(expected);
  });

  it("has the same digest in another order of keys, and another one with other data", async () => {
    const { post, answered } = callback();
    for (const body of ['{"data":{"a":1,"b":2}}', '{"success":true,"data":{"b":2,"a":1}}', '{"data":{"a":1,"b":3}}'])
      await post(`/workflows/resume/${TOKEN}`, body);
    const [first, second, third] = answered().map(([, { digest }]) => digest);
    expect([second, third === first]).toEqual([first, false]);
  });

  it.each<[AnswerReply, number, Record<string, unknown>]>([
    [
      { kind: "same", taskId: null, hints: [], summary: null },
      200,
      { success: true, noop: true, reason: "already_resumed", run_id: RUN, task_id: "mine" },
    ],
    [{ kind: "conflict", taskId: null }, 409, { code: "callback_conflict", noop: true, success: false }],
    [{ kind: "expired", taskId: null }, 410, { code: "callback_expired", noop: true, status: 410 }],
    [{ kind: "terminal", taskId: null }, 410, { code: "run_terminal", noop: true, status: 410 }],
    [
      { kind: "invalid", errors: [{ pointer: "/n", detail: "no" }] },
      422,
      { code: "validation_failed", errors: [{ pointer: "/data/n", code: "data.invalid", detail: "no" }] },
    ],
    [{ kind: "unknown" }, 404, { code: "not_found" }],
  ])("that is answered %j by the run is %d", async (reply, status, body) => {
    const answer = await callback(reply).post(`/workflows/resume/${TOKEN}`, { task_id: "mine", data: 1 });
    expect([answer.status, parsed(answer)]).toEqual([status, expect.objectContaining(body)]);
  });

  it.each(["[1,2]", '"text"', '{"success":"yes"}', '{"task_id":7}', '{"error":7}', "null"])(
    "of the shape %s is 422 and reaches no run",
    async (body) => {
      const { post, runs } = callback();
      expect([(await post(`/workflows/resume/${TOKEN}`, body)).status, runs.touched]).toEqual([422, []]);
    },
  );

  it("that is too large, no JSON or of another type is refused and reaches no run", async () => {
    const { post, runs } = callback();
    const statuses = [
      (await post(`/workflows/resume/${TOKEN}`, `"${"x".repeat(10 * 1024 * 1024)}"`)).status,
      (await post(`/workflows/resume/${TOKEN}`, '{"a":')).status,
      (await post(`/workflows/resume/${TOKEN}`, "a=1", { type: "application/x-www-form-urlencoded" })).status,
    ];
    expect([statuses, runs.touched]).toEqual([[413, 400, 415], []]);
  });
});

describe("what is forged", () => {
  it("is answered with the same bytes, and touches no run", async () => {
    const { post, runs } = callback();
    const [payload = "", mac = ""] = TOKEN.split(".");
    const otherTenant = Buffer.from(JSON.stringify([1, "b", RUN, "ask", 0, 0])).toString("base64url");
    const forged = ["x", `${payload}.`, `${payload}.${mac.slice(1)}a`, `${otherTenant}.${mac}`, `${TOKEN}.x`, "y".repeat(3000), "%00"];
    const answers = await Promise.all(forged.map((token) => post(`/workflows/resume/${token}`, { data: 1 })));
    expect(new Set(answers.map(bare)).size).toBe(1);
    expect([answers[0]?.status, runs.touched]).toEqual([404, []]);
  });

  it("looks without a token like a wrong token in the query", async () => {
    const { post, runs } = callback();
    const bodies = [{ task_id: "x" }, { run_id: RUN, data: 1 }, [1], {}];
    const answers = await Promise.all(bodies.map((body) => post("/workflows/resume", body)));
    answers.push(await post("/workflows/resume?token=x", { data: 1 }));
    answers.push(await post("/workflows/resume", { run_id: RUN, data: 1 }, { key: "b" }));
    answers.push(await post("/workflows/resume", { task_id: "x" }, { key: "t" }));
    expect([new Set(answers.map(bare)).size, answers[0]?.status, runs.touched]).toEqual([1, 404, []]);
  });
});

describe("with a key", () => {
  it("the run and the task are named in the body", async () => {
    const { post, answered } = callback();
    expect((await post("/workflows/resume", { run_id: RUN, task_id: "task", data: 1 }, { key: "t" })).status).toBe(200);
    expect(answered()[0]?.[0]).toEqual({ taskId: "task" });
  });

  it("it needs the scope", async () => {
    expect((await callback().post("/workflows/resume", { run_id: RUN }, { key: "reader" })).status).toBe(403);
  });
});

it("an address that is only looked at is 405", async () => {
  const { app, runs } = callback();
  const response = await app.fetch(new Request(`http://a/workflows/resume/${TOKEN}`), background);
  expect([response.status, response.headers.get("allow"), runs.touched]).toEqual([405, "POST", []]);
});
