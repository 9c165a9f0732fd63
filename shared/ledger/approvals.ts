/** What the page of an approval shows. Reads the log, changes nothing. */
import type { RunEvent } from "../model/log.ts";
import { answerKey } from "../model/run-state.ts";
import type { ApprovalLook, WaitRef } from "../run-view.ts";
import { refusalOf } from "./control.ts";
import { allRows, type Ledger } from "./ledger.ts";

const APPROVAL = "approval";

/** A wait that is not open yet, or is no approval, is unknown: there is nothing to be shown. */
export function lookAtApproval(ledger: Ledger, ref: WaitRef): ApprovalLook {
  const { state, deps } = ledger;
  const vertex = state?.steps.get(ref.step)?.vertex ?? state?.plan.vertices.find(({ key }) => key === ref.step);
  if (state === undefined || (vertex !== undefined && vertex.component !== APPROVAL)) return { kind: "unknown" };
  const common = { workflow: state.plan.workflow, runId: state.started.runId };
  const known = state.answers.get(answerKey(ref.step, ref.generation, ref.wait));
  const answered = known === undefined ? undefined : deps.store.row(known.seq)?.event;
  if (answered?.type === "step.answered") {
    const asked = pauseOf(ledger, ref);
    const { success, data } = answered.answer;
    return { kind: "answered", ...common, title: asked?.note ?? "", schema: asked?.schema, data, success };
  }
  const step = state.steps.get(ref.step);
  // A redrive took the step back, and it has not come again.
  if (step === undefined) return { kind: "expired" };
  const refusal = refusalOf(ledger, state, step, ref);
  if (refusal !== undefined) return { kind: refusal };
  const { wait } = step;
  if (wait === undefined || wait.number !== ref.wait || step.status !== "waiting") return { kind: "unknown" };
  const { note, schema, since, expiresAt } = wait;
  return { kind: "open", ...common, title: note ?? "", schema, since, expiresAt };
}

/** The state forgets what a wait was about when it is over; the log does not. */
function pauseOf({ deps }: Ledger, ref: WaitRef): Extract<RunEvent, { readonly type: "step.paused" }> | undefined {
  for (const { event } of allRows(deps.store)) {
    if (event.type !== "step.paused" || event.step !== ref.step) continue;
    if (event.generation === ref.generation && event.wait === ref.wait && event.reason === APPROVAL) return event;
  }
  return undefined;
}
