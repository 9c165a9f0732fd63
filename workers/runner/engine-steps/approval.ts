/** `approval`: asks a person. The step pauses; the page that the callback Worker serves shows the question and takes the answer. */
import { Approval } from "../../../shared/engine-params.ts";
import { ApprovalAnswer, ApprovalFields, answerSchema } from "../../../shared/model/approval.ts";
import { ArcrunError } from "../../../shared/model/errors.ts";
import type { Attempt, Performed } from "../attempt.ts";
import { readParams, waitLimitMs } from "./params.ts";

export const APPROVAL = "approval";

export async function runApproval(attempt: Attempt): Promise<Performed> {
  const { title, fields, timeout } = readParams(Approval, attempt);
  const waitMs = waitLimitMs(timeout);
  const schema = answerSchema(fields ?? ApprovalFields.parse({}));
  return { kind: "paused", reason: "approval", fuel: 0, schema, note: title, ...(waitMs === undefined ? {} : { waitMs }) };
}

/** The data of the node. An answer that came before the question was checked by nobody. */
export function readApproval(given: unknown): ApprovalAnswer {
  const parsed = ApprovalAnswer.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ArcrunError("approval.invalid_answer", "the answer of an approval must be {approved, by, answers}");
}
