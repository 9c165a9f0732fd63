/**
 * The page of an approval, and its answer.
 *
 * Invariants
 * P1  GET and HEAD change nothing, whoever follows the link: mail scanners and previews do.
 * P2  What is sent is the answer of a wait like any other: it is taken exactly once, by the same path as a daemon's.
 * P3  A link that is forged and one that leads nowhere show the same page; the forged one touches no object.
 */
import { decodeUtf8, JSON_TYPE, mediaType, parseJson, readBytes } from "../../../shared/http/body.ts";
import type { Call, Route } from "../../../shared/http/http-app.ts";
import { parseFields } from "../../../shared/http/parse-request.ts";
import { HttpProblem, notFound } from "../../../shared/http/problem.ts";
import { logError } from "../../../shared/log-error.ts";
import { ApprovalAnswer, fieldsIn } from "../../../shared/model/approval.ts";
import { ArcrunError, ERROR_CODES } from "../../../shared/model/errors.ts";
import { MIB } from "../../../shared/model/limits.ts";
import type { AnswerReply } from "../../../shared/run-api.ts";
import type { ApprovalLook, WaitRef } from "../../../shared/run-view.ts";
import { type FormProblems, readForm } from "../approval-form.ts";
import { questionPage } from "../approval-page.ts";
import { deliverAnswer } from "../deliver-answer.ts";
import type { CallbackDeps } from "../deps.ts";
import { notice, type Page, pageResponse } from "../page.ts";
import { replyAnswer } from "./resume.ts";

export const approvalRoutes: readonly Route<CallbackDeps>[] = [
  { method: "GET", path: "/approvals/:token", scope: null, handle: (deps, call) => asPage(() => showPage(deps, call)) },
  { method: "POST", path: "/approvals/:token", scope: null, handle: take },
];

const FORM_TYPE = "application/x-www-form-urlencoded";
const MAX_FORM_BYTES = MIB;

type Asked = { readonly tenant: string; readonly runId: string; readonly ref: WaitRef; readonly look: ApprovalLook };

const NOWHERE = notice(
  404,
  "This link leads nowhere",
  "There is no question here. Perhaps the address was cut off: open the link as you got it.",
);
const EXPIRED = notice(410, "Too late", "The time for an answer is over. Nothing was changed.");
const ENDED = notice(410, "No longer needed", "The run that asked has ended or was cancelled. Nothing was changed.");

/** Undefined: forged. Throws `rate_limited` when too many were. */
async function look(deps: CallbackDeps, { request, param }: Call): Promise<Asked | undefined> {
  const named = deps.ids.readToken(param("token"));
  if (named === undefined) {
    const refused = deps.failures.refusal(request.headers, notFound());
    if (refused.code === "rate_limited") throw refused;
    return undefined;
  }
  return { ...named, look: await deps.runs.of(named.tenant, named.runId).lookAtApproval(named.ref) };
}

async function showPage(deps: CallbackDeps, call: Call): Promise<Page> {
  const asked = await look(deps, call);
  if (asked === undefined) return NOWHERE;
  switch (asked.look.kind) {
    case "open":
      return questionPage({ ...asked.look, fields: fieldsIn(asked.look.schema) });
    case "answered": {
      const verdict = await verdictOf(deps, asked);
      return notice(200, `Already ${verdict}`, `This question was ${verdict} before: ${asked.look.title}`, "There is nothing left to do.");
    }
    case "expired":
      return EXPIRED;
    case "terminal":
      return ENDED;
    case "unknown":
      return NOWHERE;
  }
}

async function verdictOf(deps: CallbackDeps, { tenant, runId, look: found }: Asked): Promise<string> {
  if (found.kind !== "answered" || !found.success) return "answered";
  const given = ApprovalAnswer.safeParse(JSON.parse(await deps.payloads.get(tenant, runId, found.data)));
  return given.success ? (given.data.approved ? "approved" : "rejected") : "answered";
}

async function take(deps: CallbackDeps, call: Call): Promise<Response> {
  const type = mediaType(call.request);
  if (JSON_TYPE.test(type)) return takeJson(deps, call);
  return asPage(async () => {
    if (type !== FORM_TYPE) throw new ArcrunError("unsupported_media_type", "send the form, or JSON");
    return takeForm(deps, call);
  });
}

async function takeForm(deps: CallbackDeps, call: Call): Promise<Page> {
  const asked = await look(deps, call);
  if (asked === undefined) return NOWHERE;
  const { look: found } = asked;
  if (found.kind === "unknown") return NOWHERE;
  if (found.kind === "expired") return EXPIRED;
  if (found.kind === "terminal") return ENDED;
  const fields = fieldsIn(found.schema);
  const entered = new URLSearchParams(decodeUtf8(await readBytes(call.request, MAX_FORM_BYTES)));
  const again = (problems: FormProblems) =>
    found.kind === "open" ? questionPage({ ...found, fields }, entered, problems) : conflict(deps, call);
  const read = readForm(entered, fields);
  if (read === undefined) return again(new Map([["", "Please press Approve or Reject."]]));
  if (read.problems.size > 0) return again(read.problems);
  const reply = await deliverAnswer(deps, call.background, targetOf(asked), { success: true, data: read.answer, error: undefined });
  if (reply.kind === "invalid") return again(new Map([["", reply.errors[0]?.detail ?? ""]]));
  return replyPage(reply, read.answer, () => conflict(deps, call));
}

const targetOf = ({ tenant, runId, ref }: Asked) => ({ tenant, runId, wait: { ref } });

/** Says what counts: who answers second should know. */
async function conflict(deps: CallbackDeps, call: Call): Promise<Page> {
  const asked = await look(deps, call);
  const verdict = asked === undefined ? "answered" : await verdictOf(deps, asked);
  return notice(
    409,
    `Already ${verdict}`,
    `Somebody has answered before, and differently: it was ${verdict}.`,
    "Your answer changes nothing.",
  );
}

async function replyPage(
  reply: Exclude<AnswerReply, { kind: "invalid" }>,
  { approved }: ApprovalAnswer,
  onConflict: () => Promise<Page>,
): Promise<Page> {
  const verdict = approved ? "Approved" : "Rejected";
  switch (reply.kind) {
    case "accepted":
      return notice(200, verdict, "Thank you. The run goes on; you may close this page.");
    case "same":
      return notice(200, `Already ${verdict.toLowerCase()}`, "The same answer was given before. There is nothing left to do.");
    case "conflict":
      return onConflict();
    case "expired":
      return EXPIRED;
    case "terminal":
      return ENDED;
    case "unknown":
      return NOWHERE;
  }
}

/** For programs: the same answer as JSON, told in the words of a callback. */
async function takeJson(deps: CallbackDeps, call: Call): Promise<Response> {
  const asked = await look(deps, call);
  if (asked === undefined || asked.look.kind === "unknown") throw notFound();
  const data = parseFields(ApprovalAnswer, parseJson(decodeUtf8(await readBytes(call.request, MAX_FORM_BYTES))));
  const reply = await deliverAnswer(deps, call.background, targetOf(asked), { success: true, data, error: undefined });
  return replyAnswer(reply, asked.runId, null);
}

/** A person is told in words what went wrong, with the status that a program would see. */
async function asPage(make: () => Promise<Page>): Promise<Response> {
  try {
    return await pageResponse(await make());
  } catch (thrown) {
    const code = thrown instanceof ArcrunError ? thrown.code : "internal_error";
    const { status, retryable } = ERROR_CODES[code];
    if (status >= 500) logError("page.failed", thrown);
    const advice = retryable ? "Nothing was changed. Please try again in a moment." : "Nothing was changed.";
    const response = await pageResponse(notice(status, "That did not work", advice, `(${code})`));
    const { headers = {} } = thrown instanceof HttpProblem ? thrown.extras : {};
    for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
    return response;
  }
}
