/** The one way in which a run begins, whoever wants it: HTTP, a queue, another Worker, another run. */
import { PART_MANIFESTS } from "../generated/part-manifests.ts";
import { type Ids, sha256Hex } from "./ids.ts";
import { type Sight, takenOnSuccess } from "./model/edges.ts";
import { ArcrunError } from "./model/errors.ts";
import { canonicalJson } from "./model/json-document.ts";
import type { Origin } from "./model/log.ts";
import { findLists } from "./model/loop-list.ts";
import { type Plan, START_NODE } from "./model/plan.ts";
import { edgesFrom } from "./model/plan-index.ts";
import type { RunStatus } from "./model/run.ts";
import { buildScope } from "./model/scope.ts";
import { contractOf } from "./part-info.ts";
import type { Hints, Payloads, Runs, UploadedParts } from "./ports.ts";
import type { RunTeller } from "./run-teller.ts";
import type { Slots } from "./slots/slot-api.ts";
import { expressionNames } from "./model/definition/workflow.ts";
import { otherRun } from "./singleton.ts";
import type { NewPlan, StartRun } from "./run-api.ts";
import type { StartRate } from "./start-rate.ts";
import { schemaProblems } from "./schema-problems.ts";
import { storeLists } from "./store-lists.ts";

export type StartDeps = {
  readonly ids: Ids;
  readonly runs: Runs;
  readonly payloads: Payloads;
  readonly hints: Hints;
  readonly teller: RunTeller;
  readonly slots: Slots;
  readonly startRate: StartRate;
  readonly uploadedParts: Pick<UploadedParts, "digests">;
  /** Text that nobody else has or guesses. */
  newUnique(): string;
  now(): number;
};

export type Idempotency = { readonly source: string; readonly key: string };

export type StartWish = {
  readonly tenant: string;
  readonly workflow: { readonly name: string; readonly plan: Plan };
  readonly inputJson: string;
  readonly origin: Origin;
  /** Deliveries with the same workflow, source and key are one run, across versions of the workflow. */
  readonly idempotency?: Idempotency;
  readonly finalCallback?: string;
};

export type StartedRun = {
  readonly runId: string;
  /** Of the run: on a replay the one that it began with. */
  readonly version: string;
  readonly replay: boolean;
  /** Nothing was started: this other run of the same singleton is going. */
  readonly skipped: boolean;
  readonly status: RunStatus;
};

/**
 * Starts a run, or finds the one that the same delivery started. `later` gets what the caller need not wait for: the messages, and the
 * write to the index. Throws `validation_failed` (pointers into the input), `idempotency_mismatch`, `rate_limited`, `storage_unavailable`, and what
 * a condition or a loop on an edge of the start throws.
 */
export async function startRun(deps: StartDeps, wish: StartWish, later?: (work: Promise<unknown>) => void): Promise<StartedRun> {
  const { tenant, workflow, inputJson, origin, idempotency, finalCallback } = wish;
  const { plan } = workflow;
  // What lies in a queue waits there, and the children of a run are as many as its own steps.
  if (origin.kind === "webhook" || origin.kind === "rpc") deps.startRate.take(tenant);
  const input: unknown = JSON.parse(inputJson);
  const runId = idempotency ? deliveredRunId(deps.ids, tenant, workflow.name, idempotency) : deps.ids.runId(tenant, deps.newUnique());
  const planned = await planRun(deps, { tenant, runId, plan, input, startedAt: deps.now() });
  const run: StartRun = {
    tenant,
    runId,
    ...planned,
    input: await deps.payloads.put(tenant, runId, inputJson),
    inputDigest: sha256Hex(canonicalJson(input)),
    origin,
    ...(finalCallback === undefined ? {} : { finalCallback }),
  };
  // Last of all: who is told that he may start does so at once.
  const other = await otherRun(deps, run, input, idempotency !== undefined);
  if (other !== undefined) return { runId: other.runId, version: other.version, replay: false, skipped: true, status: other.status };
  const started = await deps.runs.of(tenant, runId).start(run);
  if (started.mismatch) throw new ArcrunError("idempotency_mismatch", "this idempotency key was used with another body");
  // Neither is waited for by who can answer now: the run is there, and its alarm sends what is not sent.
  await inBackground(
    Promise.all([deps.hints.send(started.hints), started.created ? deps.teller.tell([started.summary]) : undefined]),
    later,
  );
  return {
    runId,
    version: started.version,
    replay: !started.created && idempotency !== undefined,
    skipped: false,
    status: started.summary.status,
  };
}

type Planning = {
  readonly tenant: string;
  readonly runId: string;
  readonly plan: Plan;
  readonly input: unknown;
  readonly startedAt: number;
};

/** A plan with what a run pins of it: the bytes of its parts, and what the virtual start decides. Throws `validation_failed` as above. */
export async function planRun(
  deps: Pick<StartDeps, "payloads" | "uploadedParts">,
  { tenant, runId, plan, input, startedAt }: Planning,
): Promise<NewPlan> {
  checkInput(plan, input);
  const { taken, lists } = firstEdges(plan, input, { id: runId, startedAt });
  return {
    plan,
    digests: { ...pinnedDigests(plan), ...(await uploadedDigests(deps, tenant, plan)) },
    taken,
    ...(lists.length === 0 ? {} : { lists: await storeLists(lists, tenant, runId, deps) }),
  };
}

/** The run that this delivery starts, or has started. */
export const deliveredRunId = (ids: Ids, tenant: string, workflow: string, { source, key }: Idempotency): string =>
  ids.runId(tenant, JSON.stringify([workflow, source, key]));

function checkInput(plan: Plan, input: unknown): void {
  const problems = plan.input === undefined ? [] : schemaProblems(plan.input, input);
  if (problems.length === 0) return;
  const issues = problems.map(({ pointer, detail }) => ({ pointer, code: "input.invalid", detail }));
  throw new ArcrunError("validation_failed", `the input does not fit the schema of ${plan.workflow}`, { issues });
}

/** A run keeps the bytes of its parts for life; a part that is not known here fails its node, not the start. */
export function pinnedDigests(plan: Plan): Readonly<Record<string, string>> {
  const parts = plan.vertices.filter(({ kind, uploaded }) => kind === "part" && uploaded !== true).map(({ component }) => component);
  const known = [...new Set(parts)].flatMap((name) => {
    const manifest = Object.hasOwn(PART_MANIFESTS, name) ? PART_MANIFESTS[name] : undefined;
    return manifest ? [[name, manifest.digest] as const] : [];
  });
  return Object.fromEntries(known);
}

/** Of a plan that uses built-in parts only, nobody is asked. */
async function uploadedDigests(
  { uploadedParts }: Pick<StartDeps, "uploadedParts">,
  tenant: string,
  plan: Plan,
): Promise<Readonly<Record<string, string>>> {
  const wanted = plan.vertices.filter(({ uploaded }) => uploaded === true).map((vertex) => [vertex.component, contractOf(vertex)] as const);
  if (wanted.length === 0) return {};
  return uploadedParts.digests(
    tenant,
    [...new Map(wanted)].map(([name, contract]) => ({ name, contract })),
  );
}

/** A condition or list there sees what every node sees, as far as there is something before the first one. */
function firstEdges(plan: Plan, input: unknown, { id, startedAt }: { readonly id: string; readonly startedAt: number }) {
  const [start] = plan.vertices;
  const edges = start ? edgesFrom(plan, start) : [];
  const { workflow, version } = plan;
  const run = { id, workflow, version, startedAt, attempt: 1 };
  const sight = (): Sight => ({
    scope: buildScope({ input, nodes: [], gathered: [], loops: [], run, now: startedAt }),
    names: expressionNames([]),
  });
  return { ...takenOnSuccess(edges, undefined, sight), lists: findLists(edges, START_NODE, input, sight) };
}

async function inBackground(work: Promise<unknown>, later: ((work: Promise<unknown>) => void) | undefined): Promise<void> {
  if (later) later(work);
  else await work;
}
