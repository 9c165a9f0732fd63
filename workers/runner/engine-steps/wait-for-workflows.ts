/** `wait_for_workflows`: goes on when all, any or a quorum of the named runs have ended. Only runs of the same tenant can be named. */
import { z } from "zod";
import { ArcrunError } from "../../../shared/model/errors.ts";
import { isRunTerminal } from "../../../shared/model/run.ts";
import { errorJson, outputJson } from "../../../shared/run-json.ts";
import type { RunView } from "../../../shared/run-api.ts";
import type { RunnerDeps } from "../deps.ts";
import type { Attempt, Performed } from "../attempt.ts";
import { readParams } from "./params.ts";
import { lookAgain } from "./trigger-workflow.ts";

const MAX_RUNS = 1000;
const WaitForWorkflows = z.object({
  run_ids: z.array(z.string()).max(MAX_RUNS),
  mode: z.union([z.enum(["all", "any"]), z.object({ quorum: z.number().int().min(1) })]).default("all"),
  on_failure: z.enum(["fail", "continue"]).default("fail"),
});
type Mode = z.output<typeof WaitForWorkflows>["mode"];

export async function runWaitForWorkflows(attempt: Attempt, deps: RunnerDeps): Promise<Performed> {
  const { tenant } = attempt.assignment.run;
  const { run_ids: ids, mode, on_failure: onFailure } = readParams(WaitForWorkflows, attempt);
  const views = await Promise.all(ids.map((id) => viewOf(id, tenant, deps)));
  const ended = views.filter(({ summary }) => isRunTerminal(summary.status));
  const failed = ended.find(({ summary }) => summary.status !== "succeeded");
  if (failed !== undefined && onFailure === "fail") {
    const { runId, status } = failed.summary;
    const details = { run_id: runId, status, error: errorJson(failed.error) };
    return {
      kind: "failed",
      error: {
        code: "child.failed",
        message: `the run ${runId} ${status}: ${failed.error?.message ?? "no reason given"}`,
        retryable: false,
        details,
      },
      fuel: 0,
    };
  }
  if (ended.length < wanted(mode, ids.length)) return lookAgain(attempt.assignment.wait, deps.now());
  return {
    kind: "answered",
    output: { success: true, data: { runs: await Promise.all(views.map((view) => describe(view, deps))) } },
    fuel: 0,
  };
}

/** An id of another tenant is answered like one that nobody has. */
async function viewOf(id: string, tenant: string, deps: RunnerDeps): Promise<RunView> {
  const view = deps.ids.isRunOf(tenant, id) ? await deps.runs.of(tenant, id).view({ offset: 0, limit: 0 }) : null;
  if (view === null) throw new ArcrunError("child.not_found", "one of the named runs does not exist");
  return view;
}

function wanted(mode: Mode, total: number): number {
  if (mode === "all") return total;
  return Math.min(total, mode === "any" ? 1 : mode.quorum);
}

async function describe(view: RunView, deps: RunnerDeps): Promise<Record<string, unknown>> {
  const { runId, status } = view.summary;
  if (!isRunTerminal(status)) return { run_id: runId, status: "running" };
  if (status === "succeeded") return { run_id: runId, status, output: await outputJson(deps, view) };
  return { run_id: runId, status, error: errorJson(view.error) };
}
