import { describe, expect, it } from "vitest";
import { ApprovalFields, answerSchema } from "../../../shared/model/approval.ts";
import type { AnswerReply, RunApi } from "../../../shared/run-api.ts";
import type { ApprovalLook } from "../../../shared/run-view.ts";
import { createCallbackApp } from "../../../workers/callback/app.ts";
import { background, fakeHints, fakeKeys, fakeRuns, ids, inlinePayloads, patient, summary } from "../fake-stores.ts";

const RUN = ids.runId("t", "1");
const TOKEN = ids.callbackToken("t", RUN, { step: "ask[0]", generation: 0, wait: 0 });
const PATH = `/approvals/${TOKEN}`;
const SCHEMA = answerSchema(
  ApprovalFields.parse({
    description: 'Pay <b>"ACME"</b>?\nTwice?',
    properties: {
      amount: { type: "integer", title: "Amount", minimum: 1, default: 5 },
      urgent: { type: "boolean" },
      account: { enum: ["main", 7, true], title: "Account" },
      note: { type: "string", format: "textarea", maxLength: 20 },
      '"><script>': { type: "string" },
    },
    required: ["amount", "account"],
  }),
);
const common = { workflow: "pay<i>", runId: RUN, title: "Pay & go </title><script>alert(1)</script>", schema: SCHEMA };
const OPEN: ApprovalLook = { kind: "open", ...common, since: 0, expiresAt: Date.parse("2026-01-02T03:04:00Z") };
const answered = (data: unknown): ApprovalLook => ({ kind: "answered", ...common, data: { json: JSON.stringify(data) }, success: true });
const ACCEPTED: AnswerReply = { kind: "accepted", taskId: null, hints: [], summary: summary() };

function approvals(look: ApprovalLook | (() => Promise<ApprovalLook>) = OPEN, reply: AnswerReply = ACCEPTED) {
  const runs = fakeRuns({
    lookAtApproval: () => (typeof look === "function" ? look() : Promise.resolve(look)),
    answer: () => Promise.resolve(reply),
  });
  const app = createCallbackApp({
    ids,
    runs,
    hints: fakeHints(),
    payloads: inlinePayloads,
    keys: fakeKeys(),
    failures: patient,
    teller: { tell: () => Promise.resolve() },
    newRequestId: () => "req_0",
  });
  const send = async (method: string, path = PATH, body?: string, type = "application/x-www-form-urlencoded") => {
    const headers = body === undefined ? {} : { "content-type": type };
    const response = await app.fetch(
      new Request(`http://a${path}`, { method, headers, ...(body === undefined ? {} : { body }) }),
      background,
    );
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const post = (fields: Record<string, string>) => send("POST", PATH, new URLSearchParams(fields).toString());
  const given = () => runs.calls.filter(({ method }) => method === "answer").map(({ args }) => (args as Parameters<RunApi["answer"]>)[2]); // the data
  return { send, post, given, runs };
}
const title = (text: string) => /<title>([^<]*)<\/title>/.exec(text)?.[1];
const GOOD = { decision: "approve", "field.amount": "7", "field.account": "1", by: " Ann " };

describe("the page of an approval", () => {
  it("shows the question, its fields and two buttons, and changes nothing", async () => {
    const { send, given, runs } = approvals();
    const { status, text } = await send("GET");
    expect([status, given(), runs.calls.map(({ method }) => method)]).toEqual([200, [], ["lookAtApproval"]]);
    for (const part of [
      "Amount",
      'type="number" step="1"',
      'min="1"',
      'value="5"',
      '<input type="checkbox"',
      "<textarea",
      'maxlength="20"',
      '<option value="1" >7</option>',
      'value="approve">Approve',
      "formnovalidate>Reject",
      "2026-01-02 03:04 UTC",
      RUN,
    ])
      expect(text).toContain(part);
  });

  it("escapes all that comes from a workflow", async () => {
    const { text } = await approvals().send("GET");
    expect(text).not.toMatch(/<script|<b>|<i>/);
    expect(text).toContain("Pay &amp; go &lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(text).toContain('name="field.&quot;&gt;&lt;script&gt;"');
  });

  it("allows no script, no frame, no cache, no referrer and no cookie", async () => {
    for (const { headers } of [
      await approvals().send("GET"),
      await approvals().post(GOOD),
      await approvals().send("GET", "/approvals/x"),
    ]) {
      expect(headers.get("content-security-policy")).toMatch(
        /^sandbox allow-forms; default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
      );
      const names = ["cache-control", "referrer-policy", "x-frame-options", "x-content-type-options", "set-cookie"];
      expect(names.map((name) => headers.get(name))).toEqual(["no-store", "no-referrer", "DENY", "nosniff", null]);
    }
  });

  it("answers HEAD like GET, and no other method", async () => {
    const { send, given } = approvals();
    expect(await send("HEAD")).toMatchObject({ status: 200, text: "" });
    for (const method of ["PUT", "DELETE", "PATCH"]) expect((await send(method)).status).toBe(405);
    expect(given()).toEqual([]);
  });

  it.each<[ApprovalLook, number, string]>([
    [answered({ approved: true, by: null, answers: {} }), 200, "Already approved"],
    [answered({ approved: false, by: null, answers: {} }), 200, "Already rejected"],
    [answered("what a daemon says"), 200, "Already answered"],
    [{ kind: "expired" }, 410, "Too late"],
    [{ kind: "terminal" }, 410, "No longer needed"],
    [{ kind: "unknown" }, 404, "This link leads nowhere"],
  ])("of a wait that is %j says so", async (look, status, expected) => {
    const page = await approvals(look).send("GET");
    expect([page.status, title(page.text)]).toEqual([status, expected]);
    expect(page.text).not.toContain("<form");
  });

  it("tells a person, not a program, when the run cannot be reached", async () => {
    const { send } = approvals(() => Promise.reject(new Error("away")));
    const page = await send("GET");
    expect([page.status, title(page.text), page.text.includes("away")]).toEqual([500, "That did not work", false]);
  });

  it("of a forged link is the one of a link that leads nowhere, and touches no run", async () => {
    const { send, runs } = approvals();
    const [payload = "", mac = ""] = TOKEN.split(".");
    const forged = await Promise.all(["x", `${payload}.`, `${payload}.${mac}x`, "%00"].map((token) => send("GET", `/approvals/${token}`)));
    forged.push(await send("POST", `/approvals/${payload}.x`, "decision=approve"));
    expect(runs.touched).toEqual([]);
    const nowhere = await approvals({ kind: "unknown" }).send("GET");
    expect(new Set([...forged, nowhere].map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  });
});

describe("an answer by the form", () => {
  it("that approves gives the data with their types", async () => {
    const { post, given } = approvals();
    const page = await post({ ...GOOD, "field.urgent": "true", "field.note": "two\r\nlines" });
    expect([page.status, title(page.text)]).toEqual([200, "Approved"]);
    expect(given()).toEqual([{ approved: true, by: "Ann", answers: { amount: 7, urgent: true, account: 7, note: "two\nlines" } }]);
  });

  it("that rejects needs no field, and drops what does not fit", async () => {
    const { post, given } = approvals();
    const page = await post({ decision: "reject", "field.amount": "0", "field.note": "no", by: "" });
    expect([page.status, title(page.text)]).toEqual([200, "Rejected"]);
    expect(given()).toEqual([{ approved: false, by: null, answers: { urgent: false, note: "no" } }]);
  });

  it.each<[string, Record<string, string>, readonly string[]]>([
    ["nothing that is needed", { decision: "approve" }, ["This field is needed.", "This field is needed."]],
    ["a number that is none", { ...GOOD, "field.amount": "many" }, ["Enter a number."]],
    ["half a number", { ...GOOD, "field.amount": "1.5" }, ["Enter a whole number."]],
    ["a number that is too small", { ...GOOD, "field.amount": "0" }, ["0 is less than 1."]],
    ["a choice that is none", { ...GOOD, "field.account": "3" }, ["Choose one of the list."]],
    ["a text that is too long", { ...GOOD, "field.note": "x".repeat(21) }, ["String is too long (21 &gt; 20)."]],
  ])("with %s shows the form again with what was entered, and consumes nothing", async (_, fields, problems) => {
    const { post, given } = approvals();
    const { status, text } = await post({ ...fields, "field.note": fields["field.note"] ?? "keep <me>" });
    expect([status, given()]).toEqual([422, []]);
    expect([...text.matchAll(/class="problem" id="f\dp">([^<]*)/g)].map(([, problem]) => problem)).toEqual(problems);
    expect(text).toMatch(/aria-describedby="f\dp"\s+aria-invalid="true"/);
    expect(text).toContain('role="alert"');
    if (fields["field.note"] === undefined) expect(text).toContain("keep &lt;me&gt;</textarea>");
  });

  it("without a decision asks again", async () => {
    const { post, given } = approvals();
    const page = await post({ "field.amount": "7" });
    expect([page.status, page.text.includes("Please press Approve or Reject."), given()]).toEqual([422, true, []]);
  });

  it.each<[AnswerReply, ApprovalLook, number, string]>([
    [{ kind: "same", taskId: null, hints: [], summary: null }, answered({ approved: true }), 200, "Already approved"],
    [{ kind: "conflict", taskId: null }, answered({ approved: false }), 409, "Already rejected"],
    [{ kind: "expired", taskId: null }, OPEN, 410, "Too late"],
    [{ kind: "terminal", taskId: null }, OPEN, 410, "No longer needed"],
    [{ kind: "unknown" }, OPEN, 404, "This link leads nowhere"],
    [{ kind: "invalid", errors: [{ pointer: "", detail: "does not fit" }] }, OPEN, 422, `Not sent yet: ${"Pay &amp; go "}`],
  ])("that the run answers %j is shown as a page", async (reply, look, status, expected) => {
    const page = await approvals(look, reply).post(GOOD);
    expect([page.status, page.text.includes(`<title>${expected}`)]).toEqual([status, true]);
  });

  it.each<[ApprovalLook, number]>([
    [{ kind: "expired" }, 410],
    [{ kind: "terminal" }, 410],
    [{ kind: "unknown" }, 404],
  ])("to a wait that is %j reaches nobody", async (look, status) => {
    const { post, given } = approvals(look);
    expect([(await post(GOOD)).status, given()]).toEqual([status, []]);
  });

  it("that is too large, or of another type, is refused", async () => {
    const { send, given } = approvals();
    const statuses = [
      (await send("POST", PATH, `decision=approve&field.note=${"x".repeat(2 ** 21)}`)).status,
      (await send("POST", PATH, "decision=approve", "text/plain")).status,
    ];
    expect([statuses, given()]).toEqual([[413, 415], []]);
  });
});

describe("an answer by JSON", () => {
  const JSON_TYPE = "application/json";
  it("is taken and told like that of a daemon", async () => {
    const { send, given } = approvals();
    const { status, text } = await send("POST", PATH, '{"approved":true,"answers":{"amount":7}}', JSON_TYPE);
    expect([status, JSON.parse(text)]).toEqual([200, { success: true, resumed: true, run_id: RUN, task_id: null }]);
    expect(given()).toEqual([{ approved: true, by: null, answers: { amount: 7 } }]);
  });

  it.each<[string, ApprovalLook, AnswerReply, number, string]>([
    ['{"approved":"yes"}', OPEN, ACCEPTED, 422, "validation_failed"],
    ['{"approved":', OPEN, ACCEPTED, 400, "json_invalid"],
    ['{"approved":true}', { kind: "unknown" }, ACCEPTED, 404, "not_found"],
    ['{"approved":true}', OPEN, { kind: "conflict", taskId: null }, 409, "callback_conflict"],
    ['{"approved":true}', { kind: "expired" }, { kind: "expired", taskId: null }, 410, "callback_expired"],
  ])("%s of a wait that is %j, answered %j, is a problem", async (body, look, reply, status, code) => {
    const answer = await approvals(look, reply).send("POST", PATH, body, JSON_TYPE);
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([status, code]);
  });
});
