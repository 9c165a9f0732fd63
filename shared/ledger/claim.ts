/** Claiming: who may execute a step, and with what. */
import { isClaimable } from "../model/due.ts";
import { edgesFrom } from "../model/edges.ts";
import { answerKey, type RunState, type Step } from "../model/run-state.ts";
import { MIB, SECOND_MS } from "../model/limits.ts";
import { isStepTerminal, stepKey } from "../model/run.ts";
import type { Assignment, ClaimReply, Resume, RunEnding, ScopeValues } from "../run-api.ts";
import { isPure, type Ledger, nextLease, type Transaction, transact, volatileLease } from "./ledger.ts";
import { outputSource } from "./output.ts";
import { failByItself } from "./settle.ts";
import { endIfOver, valueIn } from "./summary.ts";

/** A pure step is metered and takes milliseconds; after this it is given to somebody else. */
export const PURE_LEASE_MS = 30 * SECOND_MS;
/** A durable lease outlives the time limit of its attempt by this: the outcome has to be settled, too. */
export const LEASE_GRACE_MS = 15 * SECOND_MS;

export function claim(ledger: Ledger, keys: readonly string[]): readonly ClaimReply[] {
  return transact(ledger, (transaction) => keys.map((key) => claimOne(ledger, key, transaction)));
}

function claimOne(ledger: Ledger, key: string, transaction: Transaction): ClaimReply {
  const { state } = ledger;
  const { now } = transaction;
  const step = state?.steps.get(key);
  ledger.hinted.delete(key);
  if (state === undefined || step === undefined)
    return { kind: "skip", step: key, why: state === undefined ? "unknown_step" : "not_ready" };
  if (isStepTerminal(step.status)) return { kind: "skip", step: key, why: "done" };
  if (volatileLease(ledger, key, now) !== undefined) return { kind: "skip", step: key, why: "leased" };
  if (!isClaimable(step, now, ledger.deps.boot))
    return { kind: "skip", step: key, why: step.status === "running" ? "leased" : "not_ready" };
  if (isDoubtful(step)) {
    doubt(state, step, transaction);
    return { kind: "skip", step: key, why: "not_ready" };
  }
  const scope = scopeOf(ledger, state, step);
  if (inlineBytes(scope) > MAX_SCOPE_BYTES) {
    failByItself(
      state,
      step,
      "part.input_too_large",
      `what "${step.vertex.node}" reads is more than ${MAX_SCOPE_BYTES} bytes in small values`,
      transaction,
    );
    return { kind: "skip", step: key, why: "done" };
  }
  return assign(ledger, state, step, lease(ledger, step, transaction), scope);
}

/** An RPC takes 32 MiB; larger values travel as references and do not count. */
const MAX_SCOPE_BYTES = 16 * MIB;
const inlineBytes = ({ input, nodes }: ScopeValues): number =>
  [input, ...nodes.map(({ value }) => value)].reduce((sum, value) => sum + (value !== null && "json" in value ? value.json.length : 0), 0);

/** A `once` step that was leased and never settled: nobody knows whether its effect happened (R5). */
const isDoubtful = (step: Step): boolean => step.status === "running" && step.vertex.effects === "once";

function doubt(state: RunState, step: Step, transaction: Transaction): void {
  const { key, generation, attempt } = step;
  if (step.vertex.onUnknown === "hold") {
    transaction.record({ type: "step.unknown", step: key, generation, attempt });
    return;
  }
  const error = {
    code: "step.unknown_outcome",
    message: "the process ended while the step ran; whether its effect happened is not known",
    retryable: false,
  };
  transaction.record({
    type: "step.failed",
    step: key,
    generation,
    attempt,
    startedAt: transaction.now,
    fuel: 0,
    error,
    output: { json: JSON.stringify({ success: false, error }) },
  });
  endIfOver(state, transaction);
}

function lease(ledger: Ledger, step: Step, { now, record }: Transaction): number {
  const number = nextLease(ledger, now);
  if (isPure(step)) {
    ledger.leases.set(step.key, { number, until: now + PURE_LEASE_MS });
  } else {
    const until = now + step.vertex.timeoutMs + LEASE_GRACE_MS;
    record({
      type: "step.leased",
      step: step.key,
      generation: step.generation,
      attempt: step.attempt,
      lease: number,
      boot: ledger.deps.boot,
      until,
    });
  }
  return number;
}

function assign(ledger: Ledger, state: RunState, step: Step, number: number, scope: ScopeValues): Assignment {
  const { started, plan } = state;
  const ending = endingOf(ledger, state, step);
  return {
    kind: "execute",
    step: step.key,
    vertex: step.vertex,
    item: step.item,
    generation: step.generation,
    attempt: step.attempt,
    lease: number,
    wait: step.waits,
    digest: started.digests[step.vertex.component] ?? null,
    edges: edgesFrom(plan, step.vertex),
    scope,
    run: {
      id: started.runId,
      tenant: started.tenant,
      workflow: plan.workflow,
      version: plan.version,
      startedAt: state.startedAt,
      depth: started.origin.depth,
    },
    now: step.readyAt,
    timeoutMs: step.vertex.timeoutMs,
    resume: resumeOf(ledger, state, step),
    ...(ending === undefined ? {} : { ending }),
  };
}

/** Exactly the entries that the node mentions (R8); a node that was skipped or has not ended is absent. */
function scopeOf(ledger: Ledger, state: RunState, { vertex, item }: Step): ScopeValues {
  const { needs } = vertex;
  const nodes = needs.nodes.flatMap((name) => {
    const source = state.steps.get(stepKey(name, item));
    const value = valueIn(ledger.deps.store, source?.outputSeq, "output");
    return value === undefined ? [] : [{ name, value }];
  });
  return { input: needs.input ? state.started.input : null, nodes };
}

function resumeOf({ deps }: Ledger, state: RunState, step: Step): Resume | null {
  if (step.waits === 0) return null;
  const answered = state.answers.get(answerKey(step.key, step.generation, step.waits - 1));
  const event = answered === undefined ? undefined : deps.store.row(answered.seq)?.event;
  if (event?.type === "step.answered") return { kind: "answered", answer: event.answer };
  return step.wait === undefined ? null : { kind: "due", since: step.pausedAt ?? step.readyAt };
}

function endingOf(ledger: Ledger, state: RunState, step: Step): RunEnding | undefined {
  const url = step.vertex.kind === "epilogue" ? step.vertex.config?.["url"] : undefined;
  if (state.ended === undefined || typeof url !== "string") return undefined;
  return { status: state.ended.status, url, error: state.ended.error ?? null, output: outputSource(ledger.deps.store, state) };
}
