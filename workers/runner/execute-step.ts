/** One attempt of one step: from what was claimed to its outcome. Never rejects: a failure is an outcome. */
import { branchOf, takenOnSuccess } from "../../shared/model/edges.ts";
import { ArcrunError, type ErrorInfo, toErrorInfo } from "../../shared/model/errors.ts";
import { MAX_INLINE_BYTES, MAX_OUTPUT_BYTES } from "../../shared/model/limits.ts";
import type { Value } from "../../shared/model/log.ts";
import { buildScope, mergedContext, type Scope, withEntry } from "../../shared/model/scope.ts";
import { findLists } from "../../shared/model/loop-list.ts";
import { nodeOfKey } from "../../shared/model/plan.ts";
import { resolveConfig, verbatimField } from "../../shared/model/expression/template.ts";
import { expressionNames } from "../../shared/model/definition/workflow.ts";
import { dataField } from "../../shared/run-json.ts";
import type { Assignment, Outcome } from "../../shared/run-api.ts";
import { storeLists } from "../../shared/store-lists.ts";
import type { Attempt, Draft, Performed } from "./attempt.ts";
import type { RunnerDeps } from "./deps.ts";
import { loadScope } from "./load-scope.ts";
import { APPROVAL, readApproval } from "./engine-steps/approval.ts";
import { ENGINE_STEPS } from "./engine-steps/engine-steps.ts";
import { runPartStep } from "./part-step.ts";
import { HostQuiet, pauseForHost } from "./quiet-hosts.ts";
import { runRecipe } from "./recipe-step.ts";
import { takeSlot, type TakenSlot } from "./slot-step.ts";
import { isStorageAway, keeping, spareAttempt } from "./storage-away.ts";

/** Errors and waits lie in the log itself: a row holds 2 MB, and one that does not fit would be tried for ever. */
const MAX_PAUSE_CHARS = 8 * MAX_INLINE_BYTES;
const MAX_CODE_CHARS = 128;
const MAX_MESSAGE_CHARS = 4096;

type Succeeded = Extract<Outcome["result"], { readonly kind: "succeeded" }>;

/** `taken` gets the slot that it took: to be given back when the outcome is committed. */
export async function executeStep(assignment: Assignment, deps: RunnerDeps, taken: TakenSlot[] = []): Promise<Outcome> {
  const startedAt = deps.now();
  const draft: Draft = { fuel: 0, hasBegun: false };
  const result = await attempt(assignment, draft, startedAt, taken, deps).catch((thrown: unknown): Outcome["result"] => {
    const spared = isStorageAway(thrown) ? spareAttempt(assignment, draft.hasBegun, deps.now()) : undefined;
    if (spared !== undefined) return spared;
    if (!(thrown instanceof ArcrunError))
      deps.log("step.crashed", { run: assignment.run.id, step: assignment.step, error: String(thrown) });
    return { kind: "failed", error: toErrorInfo(thrown) };
  });
  const { step, generation, attempt: number, lease } = assignment;
  return {
    step,
    generation,
    attempt: number,
    lease,
    startedAt,
    fuel: draft.fuel,
    result: result.kind === "failed" ? { ...result, error: bounded(result.error) } : result,
    ...(draft.input === undefined ? {} : { input: draft.input }),
  };
}

/** The whole of it is in the output of the step. */
function bounded({ details, ...error }: ErrorInfo): ErrorInfo {
  const isSmall = details !== undefined && (JSON.stringify(details) ?? "").length <= MAX_INLINE_BYTES;
  const [code, message] = [error.code.slice(0, MAX_CODE_CHARS), error.message.slice(0, MAX_MESSAGE_CHARS)];
  return { ...error, code, message, ...(isSmall ? { details } : {}) };
}

async function attempt(
  assignment: Assignment,
  draft: Draft,
  startedAt: number,
  taken: TakenSlot[],
  deps: RunnerDeps,
): Promise<Outcome["result"]> {
  const prepared = await prepare(assignment, draft, startedAt, deps);
  const refused = await takeSlot(prepared, namesFor(assignment), taken, deps);
  if (refused !== undefined) return refused;
  if (prepared.params !== undefined) draft.input = await store(prepared.params, assignment, deps);
  const performed = await perform(prepared, deps).catch((thrown: unknown): Performed => {
    if (thrown instanceof HostQuiet) return { ...pauseForHost(thrown, deps.now()), fuel: 0 };
    throw thrown;
  });
  draft.fuel = performed.fuel;
  switch (performed.kind) {
    case "paused": {
      const { fuel: _, ...paused } = performed;
      if (JSON.stringify(paused).length > MAX_PAUSE_CHARS)
        throw new ArcrunError("part.output_too_large", `schema, note and task id of a wait may have ${MAX_PAUSE_CHARS} characters`);
      return paused;
    }
    case "failed": {
      const output = performed.output ?? { success: false, error: performed.error };
      return { kind: "failed", error: performed.error, output: await storeAnswer(output, prepared, deps) };
    }
    case "yielded":
    case "released": {
      const { fuel: _, ...rest } = performed;
      return rest;
    }
    case "answered": {
      const { output, childRuns } = performed;
      return { ...(await succeed(output, prepared, deps)), ...(childRuns === undefined ? {} : { childRuns }) };
    }
  }
}

/** The edges are decided here, and the lists of loops found, once, on the scope that the claim handed out (R8). */
async function succeed(output: unknown, prepared: Attempt, deps: RunnerDeps): Promise<Succeeded> {
  const { assignment, scope } = prepared;
  const { edges, vertex, run } = assignment;
  const sight = () => ({ scope: withEntry(scope, vertex.node, output), names: namesFor(assignment) });
  const decided = takenOnSuccess(edges, branchOf(output), sight);
  const lists = findLists(edges, vertex.node, dataField(output), sight);
  return {
    kind: "succeeded",
    output: await storeAnswer(output, prepared, deps),
    ...decided,
    ...(lists.length === 0 ? {} : { lists: await kept(prepared, deps, () => storeLists(lists, run.tenant, run.id, deps)) }),
  };
}

async function prepare(assignment: Assignment, draft: Draft, startedAt: number, deps: RunnerDeps): Promise<Attempt> {
  const { run, vertex, step, generation, wait, timeoutMs } = assignment;
  const token = () => deps.ids.callbackToken(run.tenant, run.id, { step, generation, wait });
  const callbackUrl = vertex.mayPause ? `${deps.publicUrl}/workflows/resume/${token()}` : undefined;
  const seen = await loadScope(assignment, deps);
  const scope = buildScope({
    ...seen,
    run: { id: run.id, workflow: run.workflow, version: run.version, startedAt: run.startedAt, attempt: assignment.attempt },
    now: assignment.now,
    ...(callbackUrl === undefined ? {} : { callbackUrl }),
  });
  const isResumed = assignment.resume?.kind === "answered" || assignment.ending !== undefined;
  const context = () => mergedContext(seen);
  const params = isResumed ? undefined : resolveParams(assignment, scope, context, deps);
  return { assignment, draft, scope, params, context, callbackUrl, deadline: startedAt + timeoutMs, startedAt, firstCall: 0 };
}

/** The names by which the same text was read at push: whatever it may name is upstream, or an item. */
const namesFor = ({ vertex: { needs, node } }: Assignment): ReadonlySet<string> =>
  expressionNames([...needs.nodes.map(nodeOfKey), ...(needs.items ?? []), node]);

/** The resolved config; or, for who takes the context or has no config, the context with the config laid over it. */
function resolveParams(assignment: Assignment, scope: Scope, context: () => Scope, deps: RunnerDeps): unknown {
  const { vertex, run } = assignment;
  if (vertex.config === undefined) return context();
  const resolved = resolveConfig(vertex.config, scope, {
    node: vertex.node,
    names: namesFor(assignment),
    verbatim: verbatimField(vertex.component),
    credential: (name) => deps.ids.secretHandle(run.id, name),
  });
  return vertex.receives === "context" && typeof resolved === "object" ? { ...context(), ...resolved } : resolved;
}

function perform(attempt: Attempt, deps: RunnerDeps): Promise<Performed> {
  const { vertex, resume } = attempt.assignment;
  if (resume?.kind === "answered") return takeAnswer(attempt, deps);
  const engineStep = ENGINE_STEPS[vertex.component];
  if (engineStep !== undefined) return engineStep(attempt, deps);
  return vertex.recipe === undefined ? runPartStep(attempt, deps) : runRecipe(attempt, vertex.recipe, deps);
}

/** The answer of the daemon or person becomes the node's own. What a daemon reports as failed is not tried again. */
async function takeAnswer(attempt: Attempt, deps: RunnerDeps): Promise<Performed> {
  const { resume, run, vertex } = attempt.assignment;
  if (resume?.kind !== "answered") throw new Error("there is no answer to take");
  const { success, data, error } = resume.answer;
  if (!success)
    return {
      kind: "failed",
      fuel: 0,
      error: { code: "part.failed", message: "the daemon reported a failure", ...error, retryable: false },
    };
  const given: unknown = JSON.parse(await kept(attempt, deps, () => deps.payloads.get(run.tenant, run.id, data)));
  return { kind: "answered", fuel: 0, output: { success: true, data: vertex.component === APPROVAL ? readApproval(given) : given } };
}

const storeAnswer = (output: unknown, attempt: Attempt, deps: RunnerDeps): Promise<Value> =>
  kept(attempt, deps, () => store(output, attempt.assignment, deps));

const kept = <T>({ assignment, deadline }: Attempt, deps: RunnerDeps, work: () => Promise<T>): Promise<T> =>
  keeping(assignment.vertex, deadline - deps.now(), work);

async function store(value: unknown, { run }: Assignment, deps: RunnerDeps): Promise<Value> {
  const json = JSON.stringify(value) ?? "null";
  if (json.length > MAX_OUTPUT_BYTES)
    throw new ArcrunError("part.output_too_large", `a value may have ${MAX_OUTPUT_BYTES} bytes, this one has ${json.length} characters`);
  return deps.payloads.put(run.tenant, run.id, json);
}
