/** Runs that wait for each other, as the tests in workerd start and look at them. */
import { createCatalogue } from "../../shared/adapters/d1-catalogue.ts";
import { runObjectName } from "../../shared/ids.ts";
import type { RunApi } from "../../shared/run-api.ts";
import type { RunView } from "../../shared/run-view.ts";
import type { RunnerDeps } from "../../workers/runner/deps.ts";
import { executeAndSettle } from "../../workers/runner/settle-batch.ts";
import { testEnv } from "./workerd-env.ts";
import { claimed, eventsOf, planFor, TENANT } from "./workerd-runs.ts";

/** How long a test waits for what happens in the background. */
export const WITHIN = { timeout: 5000 };
export const SET = { component: "set", values: { found: "{{input.name ?? 'nothing'}}" } };

/** A workflow of one node, `one`, that anybody may start. */
export async function pushed(name: string, config: Readonly<Record<string, unknown>>): Promise<void> {
  const plan = { ...planFor({ flow: ["input >> ON_SUCCESS >> one"], config: { one: config } }), workflow: name };
  await createCatalogue(testEnv.DB).push(TENANT, { name, version: name, description: "", plan, source: "", format: "json", createdAt: 0 });
}

export const callOf = (workflow: string) => ({ component: "trigger_workflow", workflow_name: workflow, wait: "finished" });

/** One node, `call`, that starts this workflow and waits for its end. */
export const calling = (workflow: string, more: Readonly<Record<string, unknown>> = {}) =>
  planFor({
    flow: ["input >> ON_SUCCESS >> call"],
    config: { call: { ...callOf(workflow), ...more } },
  });

export function objectById(runId: string) {
  const stub = testEnv.RUNS.get(testEnv.RUNS.idFromName(runObjectName(TENANT, runId)));
  return { stub, run: stub as unknown as RunApi }; // the class implements RunApi
}

export async function look(run: RunApi): Promise<RunView> {
  const view = await run.view({ offset: 0, limit: 10 });
  if (view === null) throw new Error("there is no such run");
  return view;
}

/** Claims, executes and settles, as the runner does. */
export const go = async (run: RunApi, step: string, deps: RunnerDeps) => executeAndSettle([await claimed(run, step)], deps);
export const statusOf = async (run: RunApi) => (await look(run)).summary.status;
export const childOf = async (run: RunApi) => objectById((await look(run)).waiting[0]?.childRuns[0] ?? "no child");
export const typesOf = async (stub: Parameters<typeof eventsOf>[0]) => (await eventsOf(stub)).map(([type]) => type);

export async function dataOf(run: RunApi, step: string): Promise<unknown> {
  const output = (await look(run)).steps.find(({ key }) => key === step)?.output;
  return output && "json" in output ? JSON.parse(output.json).data : undefined;
}
