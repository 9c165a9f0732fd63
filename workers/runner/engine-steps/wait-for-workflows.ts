/** `wait_for_workflows`: goes on when all, any or a quorum of the named runs have ended. Only runs of the same tenant can be named. */
import type { z } from "zod";
import { WaitForWorkflows } from "../../../shared/engine-params.ts";
import { ArcrunError } from "../../../shared/model/errors.ts";
import { MAX_OUTPUT_BYTES } from "../../../shared/model/limits.ts";
import { isRunTerminal, type RunStatus } from "../../../shared/model/run.ts";
import { errorJson, outputJson } from "../../../shared/run-json.ts";
import type { RunView } from "../../../shared/run-view.ts";
import type { RunnerDeps } from "../deps.ts";
import type { Attempt, Performed } from "../attempt.ts";
import { readParams } from "./params.ts";
import { lookAgain } from "./trigger-workflow.ts";

type Mode = z.output<typeof WaitForWorkflows>["mode"];

export async function runWaitForWorkflows(attempt: Attempt, deps: RunnerDeps): Promise<Performed> {
  const { tenant } = attempt.assignment.run;
  const { run_ids: ids, mode, on_failure: onFailure } = readParams(WaitForWorkflows, attempt);
  const known = await Promise.all(ids.map(async (id) => ({ id, status: await statusOf(id, tenant, deps) })));
  const ended = known.filter(({ status }) => isRunTerminal(status));
  const failed = ended.find(({ status }) => status !== "succeeded");
  if (failed !== undefined && onFailure === "fail") return failure(failed.id, await viewOf(failed.id, tenant, deps));
  if (ended.length < wanted(mode, ids.length)) return { ...lookAgain(attempt.assignment.pauses, deps.now()), fuel: 0 };
  return { kind: "answered", output: { success: true, data: { runs: await describeAll(known, tenant, deps) } }, fuel: 0 };
}

function failure(runId: string, { summary: { status }, error }: RunView): Performed {
  const details = { run_id: runId, status, error: errorJson(error) };
  const message = `the run ${runId} ${status}: ${error?.message ?? "no reason given"}`;
  return { kind: "failed", error: { code: "child.failed", message, retryable: false, details }, fuel: 0 };
}

/** An id of another tenant is answered like one that nobody has. Costs the run next to nothing, however much it holds: this is asked again and again. */
async function statusOf(id: string, tenant: string, deps: RunnerDeps): Promise<RunStatus> {
  const status = deps.ids.isRunOf(tenant, id) ? await deps.runs.of(tenant, id).wait(0) : null;
  if (status === null) throw new ArcrunError("child.not_found", "one of the named runs does not exist");
  return status;
}

async function viewOf(id: string, tenant: string, deps: RunnerDeps): Promise<RunView> {
  const view = await deps.runs.of(tenant, id).view({ offset: 0, limit: 0 });
  if (view === null) throw new ArcrunError("child.not_found", "one of the named runs does not exist");
  return view;
}

function wanted(mode: Mode, total: number): number {
  if (mode === "all") return total;
  return Math.min(total, mode === "any" ? 1 : mode.quorum);
}

type Known = { readonly id: string; readonly status: RunStatus };

/** One after the other, and no further than the answer may grow: a thousand large runs at once would be the end of the process. */
async function describeAll(known: readonly Known[], tenant: string, deps: RunnerDeps): Promise<readonly Record<string, unknown>[]> {
  const runs: Record<string, unknown>[] = [];
  let chars = 0;
  for (const { id, status } of known) {
    const run = isRunTerminal(status) ? await describe(await viewOf(id, tenant, deps), deps) : { run_id: id, status: "running" };
    chars += JSON.stringify(run).length;
    if (chars > MAX_OUTPUT_BYTES)
      throw new ArcrunError("part.output_too_large", `the outputs of the runs have more than ${MAX_OUTPUT_BYTES} bytes`);
    runs.push(run);
  }
  return runs;
}

async function describe(view: RunView, deps: RunnerDeps): Promise<Record<string, unknown>> {
  const { runId, status } = view.summary;
  if (!isRunTerminal(status)) return { run_id: runId, status: "running" };
  if (status === "succeeded") return { run_id: runId, status, output: await outputJson(deps, view) };
  return { run_id: runId, status, error: errorJson(view.error) };
}
