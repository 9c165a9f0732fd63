/** `wait_for_workflows`: goes on when all, any or a quorum of the named runs have ended. Only runs of the same tenant can be named. */
import type { z } from "zod";
import { WaitForWorkflows } from "../../../shared/engine-params.ts";
import { ArcrunError } from "../../../shared/model/errors.ts";
import { MAX_OUTPUT_BYTES } from "../../../shared/model/limits.ts";
import { isRunTerminal, type RunStatus } from "../../../shared/model/run.ts";
import { errorJson, outputJson } from "../../../shared/run-json.ts";
import type { RunView } from "../../../shared/run-view.ts";
import { pauseForRuns, remainingWait } from "../child-runs.ts";
import type { RunnerDeps } from "../deps.ts";
import type { Attempt, Performed } from "../attempt.ts";
import { createTurns } from "../turns.ts";
import { readParams } from "./params.ts";

/** So many run objects are asked at once. */
const MAX_AT_ONCE = 16;
type Mode = z.output<typeof WaitForWorkflows>["mode"];

/** A run as it was when it was asked to tell of its end. */
type Seen = { readonly runId: string; readonly status: RunStatus; readonly life: number };

export async function runWaitForWorkflows(attempt: Attempt, deps: RunnerDeps): Promise<Performed> {
  const { assignment } = attempt;
  const { tenant } = assignment.run;
  const { run_ids: ids, mode, on_failure: onFailure } = readParams(WaitForWorkflows, attempt);
  const seen = await watchAll(ids, attempt, deps);
  const ended = seen.filter(({ status }) => isRunTerminal(status));
  const failed = ended.find(({ status }) => status !== "succeeded");
  if (failed !== undefined && onFailure === "fail") return failure(failed.runId, await viewOf(failed.runId, tenant, deps));
  const left = wanted(mode, ids.length) - ended.length;
  if (left <= 0) return { kind: "answered", output: { success: true, data: { runs: await describeAll(seen, tenant, deps) } }, fuel: 0 };
  const runs = seen.filter(({ status }) => !isRunTerminal(status)).map(({ runId, life }) => ({ runId, life }));
  const pause = pauseForRuns({ runs, wanted: left, ...(onFailure === "fail" ? { stopsAtFailure: true } : {}) });
  return { ...pause, ...remainingWait(assignment, deps.now()), fuel: 0 };
}

function failure(runId: string, { summary: { status }, error }: RunView): Performed {
  const details = { run_id: runId, status, error: errorJson(error) };
  const message = `the run ${runId} ${status}: ${error?.message ?? "no reason given"}`;
  return { kind: "failed", error: { code: "child.failed", message, retryable: false, details }, fuel: 0 };
}

/** In the order of the ids. The names are checked before anybody is asked: one of another tenant is answered like one that nobody has. */
async function watchAll(ids: readonly string[], { assignment }: Attempt, deps: RunnerDeps): Promise<readonly Seen[]> {
  const { run, step, generation } = assignment;
  if (ids.includes(run.id)) throw new ArcrunError("part.invalid_input", "run_ids: a run cannot wait for its own end");
  if (!ids.every((id) => deps.ids.isRunOf(run.tenant, id))) throw notFound();
  const inTurn = createTurns(MAX_AT_ONCE);
  const watchOne = async (runId: string): Promise<Seen> => {
    const seen = await deps.runs.of(run.tenant, runId).watch({ runId: run.id, step, generation });
    if (seen === null) throw notFound();
    return { runId, ...seen };
  };
  return Promise.all(ids.map((runId) => inTurn(() => watchOne(runId))));
}

const notFound = (): ArcrunError => new ArcrunError("child.not_found", "one of the named runs does not exist");

async function viewOf(id: string, tenant: string, deps: RunnerDeps): Promise<RunView> {
  const view = await deps.runs.of(tenant, id).view({ offset: 0, limit: 0 });
  if (view === null) throw notFound();
  return view;
}

function wanted(mode: Mode, total: number): number {
  if (mode === "all") return total;
  return Math.min(total, mode === "any" ? 1 : mode.quorum);
}

/** One after the other, and no further than the answer may grow: a thousand large runs at once would be the end of the process. */
async function describeAll(seen: readonly Seen[], tenant: string, deps: RunnerDeps): Promise<readonly Record<string, unknown>[]> {
  const runs: Record<string, unknown>[] = [];
  let chars = 0;
  for (const { runId, status } of seen) {
    const run = isRunTerminal(status) ? await describe(await viewOf(runId, tenant, deps), deps) : { run_id: runId, status: "running" };
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
