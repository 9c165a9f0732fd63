/** What a runner is handed for one attempt of one step, by a claim or as an offer. */
import { edgesFrom } from "../model/plan-index.ts";
import { type RunState, type Step, wasAnswered } from "../model/run-state.ts";
import type { Assignment, Exchange, Resume, RunEnding, ScopeValues } from "../run-api.ts";
import { answerOf, exchangesOf } from "./exchanges.ts";
import { drawLease, isPure, type Ledger } from "./ledger.ts";
import { lineOf } from "./line.ts";
import { outputSource } from "./output.ts";
import { inlineBytes, inlineBytesOf, scopeOf } from "./scope.ts";

/** Of one offer. */
const MAX_OFFER_BYTES = 8 * 1024;

/**
 * Pure steps that are about to be hinted, handed out without a claim: whoever settles is likely to get the hints as well. An offer is
 * no lease: if another one claims the step, that one's lease counts.
 */
export function offer(ledger: Ledger, state: RunState, keys: readonly string[]): readonly Assignment[] {
  return keys.flatMap((key) => {
    const step = state.steps.get(key);
    if (step === undefined || !isPure(step)) return [];
    const load = loadOf(ledger, state, step);
    if (load.inlineBytes > MAX_OFFER_BYTES) return [];
    const number = drawLease(ledger.deps);
    ledger.offers.set(key, number);
    return [assign(ledger, state, step, number, load)];
  });
}

/** What a step is handed beside its plan. */
type Load = { readonly scope: ScopeValues; readonly exchanges: readonly Exchange[]; readonly inlineBytes: number };

export function loadOf(ledger: Ledger, state: RunState, step: Step): Load {
  const scope = scopeOf(ledger, state, step);
  const exchanges = exchangesOf(ledger, state, step);
  const results = exchanges.map((one) => (one.kind === "result" ? one.value : one.kind === "answered" ? one.answer.data : null));
  return { scope, exchanges, inlineBytes: inlineBytesOf(scope) + inlineBytes(results) };
}

export function assign(ledger: Ledger, state: RunState, step: Step, number: number, { scope, exchanges }: Load): Assignment {
  const { started, plan } = state;
  const ending = endingOf(ledger, state, step);
  const line = lineOf(ledger, state, step);
  return {
    kind: "execute",
    step: step.key,
    vertex: step.vertex,
    item: step.item,
    generation: step.generation,
    attempt: step.attempt,
    lease: number,
    wait: step.waits,
    pauses: step.pauses,
    backoffs: step.wait?.backoffs ?? 0,
    exchanges,
    digest: state.digests[step.vertex.component] ?? null,
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
    ownRuns: step.wait?.awaited?.isOwner === true ? step.wait.awaited.runs.map(({ runId }) => runId) : [],
    ...(ending === undefined ? {} : { ending }),
    ...(line.length === 0 ? {} : { line }),
  };
}

function resumeOf({ deps }: Ledger, state: RunState, step: Step): Resume | null {
  // A part that paused in the middle is run again with what its calls have given; nothing else resumes it.
  if (step.pauses === 0 || step.isMidway) return null;
  const answer = wasAnswered(step) ? answerOf(deps.store, state, step, step.waits - 1) : undefined;
  if (answer !== undefined) return { kind: "answered", answer };
  return step.wait === undefined ? null : { kind: "due", since: step.pausedAt ?? step.readyAt };
}

function endingOf(ledger: Ledger, state: RunState, step: Step): RunEnding | undefined {
  const url = step.vertex.kind === "epilogue" ? step.vertex.config?.["url"] : undefined;
  if (state.ended === undefined || typeof url !== "string") return undefined;
  return { status: state.ended.status, url, error: state.ended.error ?? null, output: outputSource(ledger.deps.store, state) };
}
