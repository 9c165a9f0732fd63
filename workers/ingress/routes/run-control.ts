/** Stopping a run, and going on where it failed. */
import { z } from "zod";
import { json, type KeyedCall, type Route } from "../../../shared/http/http-app.ts";
import { readFields } from "../../../shared/http/parse-request.ts";
import { HttpProblem, invalid, notFound } from "../../../shared/http/problem.ts";
import { logError } from "../../../shared/log-error.ts";
import { ArcrunError } from "../../../shared/model/errors.ts";
import { EPILOGUE_KEY } from "../../../shared/model/epilogue.ts";
import { MAX_STEP_KEY_CHARS } from "../../../shared/model/limits.ts";
import type { NewPlan, RedriveReply, RunApi } from "../../../shared/run-api.ts";
import { planRun } from "../../../shared/start-run.ts";
import type { IngressDeps } from "../deps.ts";
import { ownRun } from "./runs.ts";

export const runControlRoutes: readonly Route<IngressDeps>[] = [
  { method: "POST", path: "/runs/:id/cancel", scope: "trigger", handle: cancel },
  { method: "POST", path: "/runs/:id/redrive", scope: "trigger", handle: redrive },
];

type Redriven = Extract<RedriveReply, { readonly kind: "redriven" }>;

const Cancel = z.object({ reason: z.string().max(500).optional(), compensate: z.boolean().optional() });
const Names = z.array(z.string().min(1).max(MAX_STEP_KEY_CHARS)).max(1000).optional();
const Redrive = z.object({
  nodes: Names,
  items: Names,
  version: z.string().max(64).optional(),
  dry_run: z.boolean().optional(),
  confirm: z.boolean().optional(),
});

async function cancel(deps: IngressDeps, call: KeyedCall): Promise<Response> {
  const { runId, run } = ownRun(deps, call);
  const { reason } = await readFields(Cancel, call.request);
  const reply = await run.cancel(reason);
  switch (reply.kind) {
    case "unknown":
      throw notFound();
    case "terminal":
      throw new ArcrunError("run_terminal", "the run has ended");
    case "cancelled":
      call.background.waitUntil(deps.teller.tell([reply.summary]));
      return json({ success: true, run_id: runId, status: reply.summary.status });
  }
}

async function redrive(deps: IngressDeps, call: KeyedCall): Promise<Response> {
  const { runId, run } = ownRun(deps, call);
  const { nodes, items, version, dry_run, confirm } = await readFields(Redrive, call.request);
  const newPlan = version === undefined ? undefined : await planOf(deps, call, runId, run, version);
  const reply = await run.redrive({
    ...(nodes === undefined ? {} : { nodes }),
    ...(items === undefined ? {} : { steps: items }),
    ...(dry_run === undefined ? {} : { dryRun: dry_run }),
    ...(confirm === undefined ? {} : { confirm }),
    ...(newPlan === undefined ? {} : { newPlan }),
  });
  if (reply.kind === "unknown_step") throw unknownStep(reply, { nodes, items });
  return redriveAnswer(deps, call, runId, reply);
}

function unknownStep(
  { list, at }: Extract<RedriveReply, { readonly kind: "unknown_step" }>,
  { nodes = [], items = [] }: { readonly nodes?: readonly string[] | undefined; readonly items?: readonly string[] | undefined },
): ArcrunError {
  if (list === "nodes") return invalid(`/nodes/${at}`, `the run has no node ${JSON.stringify(nodes[at])}`);
  const expected = "expected a node with the number of its item, like work[3], or work[3][0] in a loop within a loop";
  return invalid(`/items/${at}`, `the run has no step ${JSON.stringify(items[at])}; ${expected}`);
}

/** Undefined: it is the version that the run has already. */
async function planOf(deps: IngressDeps, call: KeyedCall, runId: string, run: RunApi, version: string): Promise<NewPlan | undefined> {
  const view = await run.view({ offset: 0, limit: 0 });
  if (!view) throw notFound();
  const { tenant } = call.key;
  if (view.summary.version === version) return undefined;
  const found = await deps.catalogue.version(tenant, view.summary.workflow, version);
  if (found === undefined)
    throw invalid(
      "/version",
      `${view.summary.workflow} has no such version; GET /webhooks/named/${view.summary.workflow}/versions lists them`,
    );
  const input: unknown = JSON.parse(await deps.payloads.get(tenant, runId, view.input));
  return planRun(deps, { tenant, runId, plan: found.plan, input, startedAt: view.summary.startedAt });
}

/** Nobody reads more names than that; their number is told. */
const MAX_SHOWN_STEPS = 1000;
const shownSteps = (steps: readonly string[]) => ({ steps: steps.slice(0, MAX_SHOWN_STEPS), count: steps.length });

/** A letter that stays is one more line on the desk, and gone with its run. */
async function takeLetters(deps: IngressDeps, tenant: string, runId: string, { steps, at }: Redriven): Promise<void> {
  // The final callback is made anew at the next end.
  const taken = deps.index.takeDeadLetters(tenant, runId, [...steps, EPILOGUE_KEY], at);
  await taken.catch((thrown: unknown) => logError("dead_letters.not_taken", thrown, { run: runId }));
}

/** What a redrive is answered, for runs and for dead letters alike. */
export async function redriveAnswer(deps: IngressDeps, call: KeyedCall, runId: string, reply: RedriveReply): Promise<Response> {
  switch (reply.kind) {
    case "redriven":
      await deps.hints.send(reply.hints);
      call.background.waitUntil(deps.teller.tell([reply.summary]));
      call.background.waitUntil(takeLetters(deps, call.key.tenant, runId, reply));
      return json({ success: true, run_id: runId, status: reply.summary.status, ...shownSteps(reply.steps) }, 202);
    case "planned":
      return json({ success: true, run_id: runId, dry_run: true, ...shownSteps(reply.steps), kept: reply.kept });
    case "going":
      throw new ArcrunError("run_going", "the run has not ended");
    case "nothing":
      throw new ArcrunError("run_not_redrivable", "nothing failed; name the nodes that are to be done again");
    case "unknown":
    case "unknown_step":
      throw notFound();
    case "needs_confirm":
      throw new HttpProblem("confirm_required", "a step with effects that cannot be taken back would be done again; send confirm: true");
  }
}
