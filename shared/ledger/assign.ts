/** What a runner is handed for one attempt of one step, by a claim or as an offer. */
import { loopKey } from "../model/loop-run.ts";
import { edgesFrom, loopAt, vertexAt, vertexByKey } from "../model/plan-index.ts";
import type { RunState, Step } from "../model/run-state.ts";
import type { Vertex } from "../model/plan.ts";
import { stepKey } from "../model/run.ts";
import type { Assignment, Exchange, Resume, RunEnding, ScopeValues } from "../run-api.ts";
import { answerOf, exchangesOf } from "./exchanges.ts";
import { drawLease, isPure, type Ledger } from "./ledger.ts";
import { itemAt } from "./lists.ts";
import { outputSource } from "./output.ts";
import { valueIn } from "./summary.ts";

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
  const values = [scope.input, ...[...scope.nodes, ...scope.loops].map(({ value }) => value), ...results];
  const inlineBytes = values.reduce((sum, value) => sum + (value !== null && "json" in value ? value.json.length : 0), 0);
  return { scope, exchanges, inlineBytes };
}

export function assign(ledger: Ledger, state: RunState, step: Step, number: number, { scope, exchanges }: Load): Assignment {
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
    pauses: step.pauses,
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
  };
}

/** Exactly the entries that the node mentions (R8); a node that was skipped or has not ended is absent. */
function scopeOf(ledger: Ledger, state: RunState, { vertex, item }: Step): ScopeValues {
  const { needs } = vertex;
  const nodes: ScopeValues["nodes"][number][] = [];
  const gathered: ScopeValues["gathered"][number][] = [];
  for (const key of needs.nodes) {
    const source = vertexByKey(state.plan, key);
    if (source === undefined) continue;
    const around = source.loops.findIndex((loop, depth) => loop !== vertex.loops[depth]);
    const path = item.slice(0, around === -1 ? source.loops.length : around);
    const { node: name } = source;
    if (around !== -1) {
      const run = state.loops.get(loopKey(source.loops.at(-1) ?? -1, path));
      if (run?.isEnded === true) gathered.push({ name, key, item: path, count: run.count });
      continue;
    }
    const value = valueIn(ledger.deps.store, state.steps.get(stepKey(key, path))?.outputSeq, "output");
    if (value !== undefined) nodes.push({ name, value });
  }
  return { input: needs.input ? state.started.input : null, nodes, gathered, loops: loopsOf(ledger, state, vertex, item) };
}

function loopsOf(ledger: Ledger, state: RunState, { loops, needs }: Vertex, item: readonly number[]): ScopeValues["loops"] {
  return loops.flatMap((id, depth) => {
    const { variable, opener: openedBy } = loopAt(state.plan, id);
    const path = item.slice(0, depth);
    const opener = state.steps.get(stepKey(vertexAt(state.plan, openedBy).key, path));
    const [run, index] = [state.loops.get(loopKey(id, path)), item[depth]];
    if (opener === undefined || run === undefined || index === undefined) return [];
    const value = needs.items?.includes(variable) === true ? itemAt(ledger, opener, id, index) : null;
    return [{ variable, index, count: run.count, value }];
  });
}

function resumeOf({ deps }: Ledger, state: RunState, step: Step): Resume | null {
  // A part that paused in the middle is run again with what its calls have given; nothing else resumes it.
  if (step.pauses === 0 || step.isMidway) return null;
  if (step.wait !== undefined) return { kind: "due", since: step.pausedAt ?? step.readyAt };
  const answer = answerOf(deps.store, state, step, step.waits - 1);
  return answer === undefined ? null : { kind: "answered", answer };
}

function endingOf(ledger: Ledger, state: RunState, step: Step): RunEnding | undefined {
  const url = step.vertex.kind === "epilogue" ? step.vertex.config?.["url"] : undefined;
  if (state.ended === undefined || typeof url !== "string") return undefined;
  return { status: state.ended.status, url, error: state.ended.error ?? null, output: outputSource(ledger.deps.store, state) };
}
