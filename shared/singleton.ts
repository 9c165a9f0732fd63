/**
 * `policy.run.singleton`: while a run with this key is going, a delivery starts no second one.
 *
 * The object of the key remembers one run id, before that run starts. Nobody has to give it back: whoever comes next makes it ask that
 * run, and what has ended, or has not started within seconds, hinders nobody.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ArcrunError } from "./model/errors.ts";
import { SECOND_MS } from "./model/limits.ts";
import { buildScope } from "./model/scope.ts";
import { resolveConfig } from "./model/expression/template.ts";
import { expressionNames } from "./model/definition/workflow.ts";
import type { Runs } from "./ports.ts";
import type { StartRun } from "./run-api.ts";
import type { RunSummary } from "./run-view.ts";
import type { SingletonReply, Slots } from "./slots/slot-api.ts";
import { keyText } from "./slots/resolve-key.ts";

type SingletonDeps = { readonly runs: Runs; readonly slots: Slots };

/** Another delivery is just being started: that takes milliseconds, unless its process died. */
const LOOKS = 8;
const LOOK_EVERY_MS = SECOND_MS / 8;

/** The run that is going in the place of this one; undefined: it may start. Throws `engine_unavailable` while that is not known. */
export async function otherRun(deps: SingletonDeps, run: StartRun, input: unknown, isNamed: boolean): Promise<RunSummary | undefined> {
  const { singleton } = run.plan.run;
  if (singleton === undefined) return undefined;
  const { tenant, runId } = run;
  // The delivery came before: it is the same run, whatever is going now.
  if (isNamed && (await deps.runs.of(tenant, runId).wait(0)) !== null) return undefined;
  const key = JSON.stringify([run.plan.workflow, singletonKey(singleton.key, run, input)]);
  const claim = () => deps.slots.of(tenant, "singleton", key).claimSingleton(tenant, runId);
  let reply: SingletonReply = await claim();
  for (let look = 1; reply.kind === "starting" && look < LOOKS; look += 1) {
    await sleep(LOOK_EVERY_MS);
    reply = await claim();
  }
  if (reply.kind === "yours") return undefined;
  const view = reply.kind === "going" ? await deps.runs.of(tenant, reply.runId).view({ offset: 0, limit: 0 }) : null;
  if (view !== null) return view.summary;
  throw new ArcrunError("engine_unavailable", "another run with the same singleton key is about to start; try again in a moment");
}

function singletonKey(template: string, { runId, plan }: StartRun, input: unknown): string {
  const { workflow, version } = plan;
  const run = { id: runId, workflow, version, startedAt: Date.now(), attempt: 1 };
  const scope = buildScope({ input, nodes: [], gathered: [], loops: [], run, now: run.startedAt });
  return keyText(resolveConfig(template, scope, { node: "policy.run.singleton", names: expressionNames([]) }));
}
