/** What is done to a run from outside: start, answer, cancel, redrive. */
import { isExpired, retentionAt } from "../model/due.ts";
import { answerKey, type RunState, type Step } from "../model/run-state.ts";
import { MAX_LIST_ROW_BYTES } from "../model/limits.ts";
import { type Answer, ENGINE_VERSION, isAnswerable } from "../model/log.ts";
import { addedVertices, heldSteps, stepsToRedrive, unknownStep } from "../model/redrive.ts";
import { isStepTerminal } from "../model/run.ts";
import type { AnswerReply, NewPlan, RedriveReply, RedriveRequest, StartRun, Started } from "../run-api.ts";
import type { RunSummary, WaitRef } from "../run-view.ts";
import { START_NODE } from "../model/plan.ts";
import { type Ledger, type Transaction, transact, volatileLease } from "./ledger.ts";
import { countsOf, listRows } from "./lists.ts";
import { endIfOver, statusOf, summaryOf, takeHints, takeSummary } from "./summary.ts";

/** The same run id is the same delivery: it is started once, and told apart by the digest of its body. */
export function start(ledger: Ledger, run: StartRun): Started {
  const known = ledger.state;
  if (known === undefined) {
    transact(ledger, (transaction) => {
      const { lists, ...given } = run;
      const counts = lists === undefined ? {} : { lists: countsOf(lists) };
      const state = transaction.record({ type: "run.started", engine: ENGINE_VERSION, ...given, ...counts });
      for (const row of listRows({ step: START_NODE, generation: 0, attempt: 1 }, lists ?? [])) transaction.record(row);
      endIfOver(state, transaction);
    });
  }
  const { state } = ledger;
  if (state === undefined) throw new Error("a run that was recorded has a state");
  const now = ledger.deps.now();
  if (known === undefined && state.ended === undefined) ledger.reported = statusOf(ledger, state, now);
  return {
    created: known === undefined,
    mismatch: known !== undefined && known.started.inputDigest !== run.inputDigest,
    version: state.plan.version,
    summary: summaryOf(ledger, state, now),
    hints: known === undefined ? takeHints(ledger, state, now) : [],
  };
}

export type AnsweredWait = { readonly ref: WaitRef } | { readonly taskId: string | null };

export function answer(ledger: Ledger, wanted: AnsweredWait, given: Answer, data: unknown): AnswerReply {
  const { state } = ledger;
  const ref = state === undefined ? undefined : "ref" in wanted ? wanted.ref : findWait(state, wanted.taskId);
  const step = ref === undefined ? undefined : state?.steps.get(ref.step);
  if (state === undefined || ref === undefined) return { kind: "unknown" };
  // A genuine token of a step that a redrive took back, and that is not there again.
  if (step === undefined) return { kind: "expired", taskId: null };
  const taskId = step.taskId ?? null;
  const before = state.answers.get(answerKey(ref.step, ref.generation, ref.wait));
  if (before !== undefined)
    return before.digest === given.digest ? { kind: "same", taskId, hints: [], summary: null } : { kind: "conflict", taskId };
  const refusal = refusalOf(ledger, state, step, ref);
  if (refusal !== undefined) return { kind: refusal, taskId };
  const problems = step.wait?.schema === undefined || !given.success ? [] : ledger.deps.validate(step.wait.schema, data);
  if (problems.length > 0) return { kind: "invalid", errors: problems };
  return accept(ledger, state, step, ref, given);
}

function accept(ledger: Ledger, state: RunState, step: Step, ref: WaitRef, given: Answer): AnswerReply {
  transact(ledger, ({ record }) =>
    record({ type: "step.answered", step: step.key, generation: ref.generation, attempt: step.attempt, wait: ref.wait, answer: given }),
  );
  const now = ledger.deps.now();
  return {
    kind: "accepted",
    taskId: step.taskId ?? null,
    hints: takeHints(ledger, state, now),
    summary: takeSummary(ledger, state, now),
  };
}

/** Undefined: the wait is open, or not yet paused (then the answer is kept for it). */
export function refusalOf(ledger: Ledger, state: RunState, step: Step, ref: WaitRef): "terminal" | "expired" | "unknown" | undefined {
  const now = ledger.deps.now();
  if (step.status === "failed" && step.error?.code === "wait.expired") return "expired";
  if (state.ended !== undefined) return "terminal";
  if (step.generation !== ref.generation || isStepTerminal(step.status) || isExpired(step, now)) return "expired";
  if (!step.vertex.mayPause) return "unknown";
  // A wait whose time has come and that a runner goes on from is over, too.
  const isOpen =
    step.status === "waiting" &&
    step.wait !== undefined &&
    isAnswerable(step.wait.reason) &&
    volatileLease(ledger, step.key, now) === undefined;
  return ref.wait < (isOpen ? step.waits - 1 : step.waits) ? "expired" : undefined;
}

/** By the daemon's own id of the task; without one, the only open callback. */
function findWait(state: RunState, taskId: string | null): WaitRef | undefined {
  const steps = [...state.steps.values()].filter((step) =>
    taskId === null ? step.status === "waiting" && step.wait?.reason === "callback" : step.taskId === taskId,
  );
  const [step, ...more] = steps;
  if (step === undefined || more.length > 0 || step.waits === 0) return undefined;
  return { step: step.key, generation: step.generation, wait: step.waits - 1 };
}

export function cancel(
  ledger: Ledger,
  reason: string | undefined,
  life?: number,
): { readonly kind: "cancelled"; readonly summary: RunSummary } | { readonly kind: "terminal" | "unknown" } {
  const { state } = ledger;
  if (state === undefined) return { kind: "unknown" };
  if (state.ended !== undefined) return { kind: "terminal" };
  if (life !== undefined && life !== state.kin.life) return { kind: "terminal" };
  transact(ledger, ({ record }) => record({ type: "run.cancelled", ...(reason === undefined ? {} : { reason }) }));
  return { kind: "cancelled", summary: summaryOf(ledger, state, ledger.deps.now()) };
}

export function redrive(ledger: Ledger, { dryRun, confirm, newPlan, ...wish }: RedriveRequest): RedriveReply {
  const { state } = ledger;
  // What is about to be deleted is not begun again.
  if (state === undefined || retentionAt(state) <= ledger.deps.now()) return { kind: "unknown" };
  const held = state.ended === undefined ? heldSteps(state, wish) : [];
  if (state.ended === undefined && (held.length === 0 || newPlan !== undefined)) return { kind: "going" };
  const unknown = unknownStep(state, wish);
  if (unknown !== undefined) return { kind: "unknown_step", ...unknown };
  const steps = held.length > 0 ? held : stepsToRedrive(state, wish, newPlan?.plan);
  const keys = steps.map(({ key }) => key);
  const added = newPlan === undefined ? [] : addedVertices(state, newPlan.plan);
  if (steps.length + added.length === 0) return { kind: "nothing" };
  if (dryRun === true) return { kind: "planned", steps: [...keys, ...added], kept: shownCount(state) - keys.length };
  if (confirm !== true && steps.some(({ vertex, status }) => vertex.effects === "once" && status !== "skipped"))
    return { kind: "needs_confirm" };
  transact(ledger, (transaction) => {
    for (const key of keys) ledger.leases.delete(key);
    const generation = state.generation + 1;
    if (newPlan !== undefined) replan(newPlan, generation, transaction);
    const parts = inRows(keys);
    for (const steps of parts.slice(0, -1)) transaction.record({ type: "run.redriven", generation, steps, goesOn: true });
    const next = transaction.record({ type: "run.redriven", generation, steps: parts.at(-1) ?? [] });
    endIfOver(next, transaction);
  });
  const now = ledger.deps.now();
  return { kind: "redriven", at: now, steps: keys, hints: takeHints(ledger, state, now), summary: summaryOf(ledger, state, now) };
}

function replan({ lists, ...plan }: NewPlan, generation: number, { record }: Transaction): void {
  record({ type: "run.replanned", generation, ...plan, ...(lists === undefined ? {} : { lists: countsOf(lists) }) });
  for (const row of listRows({ step: START_NODE, generation: 0, attempt: 1 }, lists ?? [])) record(row);
}

/** As many in each as a row of the log may hold. */
function inRows(keys: readonly string[]): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  let bytes = 0;
  for (const key of keys) {
    const size = Buffer.byteLength(key) + 3;
    if (bytes + size > MAX_LIST_ROW_BYTES) {
      rows.push([]);
      bytes = 0;
    }
    rows.at(-1)?.push(key);
    bytes += size;
  }
  return rows;
}

const shownCount = ({ steps }: RunState): number =>
  [...steps.values()].filter(({ vertex: { kind } }) => kind !== "start" && kind !== "prologue" && kind !== "epilogue").length;
