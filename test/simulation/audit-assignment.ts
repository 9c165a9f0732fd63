/** Checks what the ledger gives out to runners, and that effects do not happen twice. */
import type { Assignment } from "../../shared/run-api.ts";
import { type Auditor, waitKey } from "./auditor.ts";
import { fail } from "./violation.ts";

/** Call for every assignment that the ledger gives out, even if it never arrives. */
export function auditAssignment(
  auditor: Auditor,
  { step: key, vertex, generation, attempt, wait, lease, resume }: Assignment,
  now: number,
): void {
  const step = auditor.shadow?.steps.get(key);
  // A claim that ends the run (a once step in doubt) may give out the epilogue that it just made.
  if (step === undefined) return vertex.kind === "epilogue" ? undefined : fail("I3", `${key} was given out, but is not there`);
  const issue = `${key} ${lease}`;
  if (auditor.issued.has(issue)) fail("B6", `lease ${lease} of ${key} was given twice`);
  auditor.issued.add(issue);
  auditor.leases.set(key, lease);
  if (step.status === "ready" && now < step.readyAt + vertex.delayMs && step.attempt === 1 && wait === 0)
    fail("I3", `${key} was given out before its delay was over`);
  if (attempt !== step.attempt) fail("I7", `${key} was given out as attempt ${attempt}`);
  if (step.status === "retrying" && step.dueAt > now) fail("I7", `${key} was given out before its retry is due`);
  if (step.status === "waiting" && step.dueAt > now) fail("I3", `${key} was given out while it waits`);
  if (wait === 0) return;
  const answered = auditor.answers.get(waitKey(key, generation, wait - 1));
  if (answered !== undefined && (resume?.kind !== "answered" || resume.answer.digest !== answered))
    fail("I6", `the accepted answer for wait ${wait - 1} of ${key} is not handed out`);
  if (answered === undefined && resume?.kind !== "due") fail("I6", `${key} goes on after wait ${wait - 1} for no reason`);
}

/** Call when an effect happens. */
export function auditEffect({ effects }: Auditor, { step, vertex, generation, attempt, wait }: Assignment): void {
  if (vertex.effects !== "once") return;
  const key = JSON.stringify([step, generation, attempt, wait]);
  if (effects.has(key)) fail("B2", `the effect of the once step ${key} happened twice`);
  effects.add(key);
}
