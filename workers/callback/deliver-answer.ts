/** The one way in which an answer reaches its run, whoever gives it: logged before it is acknowledged, then the run is woken. */
import type { Background } from "../../shared/http/http-app.ts";
import { sha256Hex } from "../../shared/ids.ts";
import { canonicalJson } from "../../shared/model/json-document.ts";
import type { Answer } from "../../shared/model/log.ts";
import type { AnswerReply, RunApi } from "../../shared/run-api.ts";
import type { CallbackDeps } from "./deps.ts";
import type { ParsedAnswer } from "./parse-answer.ts";

export type AnswerTarget = { readonly tenant: string; readonly runId: string; readonly wait: Parameters<RunApi["answer"]>[0] };
type Given = Pick<ParsedAnswer, "success" | "data" | "error">;

export async function deliverAnswer(
  deps: CallbackDeps,
  background: Background,
  { tenant, runId, wait }: AnswerTarget,
  { success, data, error }: Given,
): Promise<AnswerReply> {
  const answer: Answer = {
    success,
    data: await deps.payloads.put(tenant, runId, JSON.stringify(data)),
    ...(error === undefined ? {} : { error }),
    digest: sha256Hex(canonicalJson({ success, data, ...(error === undefined ? {} : { error }) })),
  };
  const reply = await deps.runs.of(tenant, runId).answer(wait, answer, data);
  if (reply.kind === "accepted" || reply.kind === "same") {
    await deps.hints.send(reply.hints);
    if (reply.summary) background.waitUntil(deps.teller.tell([reply.summary]));
  }
  return reply;
}
