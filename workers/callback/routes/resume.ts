/**
 * Takes the answers of daemons. A token is verified by arithmetic before anything else is looked at: what is forged is
 * answered like what does not exist, and touches no object. The answer is logged before it is acknowledged.
 */
import { readJson } from "../../../shared/http/body.ts";
import { type Call, json, type Route } from "../../../shared/http/http-app.ts";
import { authenticate, presentedKey, requireScope } from "../../../shared/http/key-auth.ts";
import { HttpProblem, notFound } from "../../../shared/http/problem.ts";
import type { AnswerReply } from "../../../shared/run-api.ts";
import { type AnswerTarget, deliverAnswer } from "../deliver-answer.ts";
import type { CallbackDeps } from "../deps.ts";
import { type ParsedAnswer, parseAnswer } from "../parse-answer.ts";

export const resumeRoutes: readonly Route<CallbackDeps>[] = [
  { method: "POST", path: "/workflows/resume/:token", scope: null, handle: (deps, call) => resumeByToken(deps, call, call.param("token")) },
  { method: "POST", path: "/workflows/resume", scope: null, handle: resume },
];

async function resume(deps: CallbackDeps, call: Call): Promise<Response> {
  const token = call.query.get("token");
  if (token !== null) return resumeByToken(deps, call, token);
  // Without a key and without a token there is nothing to find, whatever the body says.
  if (presentedKey(call.request.headers) === undefined) throw notFound();
  const key = await authenticate(deps, call.request.headers);
  requireScope(key, "trigger");
  const answer = parseAnswer(await readJson(call.request));
  const { runId, taskId = null } = answer;
  if (runId === undefined || !deps.ids.isRunOf(key.tenant, runId)) throw notFound();
  return deliver(deps, call, { tenant: key.tenant, runId, wait: { taskId } }, answer);
}

async function resumeByToken(deps: CallbackDeps, call: Call, token: string): Promise<Response> {
  const named = deps.ids.readToken(token);
  if (!named) throw deps.failures.refusal(call.request.headers, notFound());
  const answer = parseAnswer(await readJson(call.request));
  return deliver(deps, call, { tenant: named.tenant, runId: named.runId, wait: { ref: named.ref } }, answer);
}

async function deliver(deps: CallbackDeps, { background }: Call, target: AnswerTarget, given: ParsedAnswer): Promise<Response> {
  const reply = await deliverAnswer(deps, background, target, given);
  return replyAnswer(reply, target.runId, given.taskId ?? null);
}

export function replyAnswer(reply: AnswerReply, runId: string, toldTaskId: string | null): Response {
  const noop = { fields: { noop: true } };
  switch (reply.kind) {
    case "accepted":
      return json({ success: true, resumed: true, run_id: runId, task_id: reply.taskId ?? toldTaskId });
    case "same":
      return json({ success: true, noop: true, reason: "already_resumed", run_id: runId, task_id: reply.taskId ?? toldTaskId });
    case "conflict":
      throw new HttpProblem("callback_conflict", "this wait was answered before, and differently", noop);
    case "expired":
      throw new HttpProblem("callback_expired", "the wait is over", noop);
    case "terminal":
      throw new HttpProblem("run_terminal", "the run has ended", { ...noop, status: 410 });
    case "invalid": {
      const issues = reply.errors.map(({ pointer, detail }) => ({ pointer: `/data${pointer}`, code: "data.invalid", detail }));
      throw new HttpProblem("validation_failed", "the data do not fit the schema of the wait", { issues });
    }
    case "unknown":
      throw notFound();
  }
}
