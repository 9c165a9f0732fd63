/** Runs in their real objects: how a test starts them, drives them step by step, and looks into them. */
import { runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import { createComponents } from "../../shared/components.ts";
import { createIds, runObjectName, sha256Hex } from "../../shared/ids.ts";
import type { LogRow, RunEventType, Value } from "../../shared/model/log.ts";
import { parseWorkflow } from "../../shared/model/definition/parse-workflow.ts";
import type { Plan } from "../../shared/model/plan.ts";
import type { Assignment, Outcome, RunApi, StartRun } from "../../shared/run-api.ts";
import { pinnedDigests } from "../../shared/start-run.ts";
import { createSqliteLog } from "../../workers/runner/sqlite-log.ts";
import { testEnv } from "./workerd-env.ts";

export const TENANT = "default";
export const ids = createIds(testEnv.MASTER_KEY);
const components = createComponents();

/** The plan of a definition, with the components of the build. */
export function planFor(definition: Readonly<Record<string, unknown>>): Plan {
  const result = parseWorkflow({ name: "sample", description: "for a test", ...definition }, { catalogue: components, sha256Hex });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.workflow.plan;
}

/** `one`, `two`, …: pure nodes in a line. */
export function chain(...nodes: readonly string[]): Plan {
  const lines = nodes.map((node, i) => `${nodes[i - 1] ?? "input"} >> ON_SUCCESS >> ${node}`);
  return planFor({ flow: lines, config: Object.fromEntries(nodes.map((node) => [node, { component: "set", values: { node } }])) });
}

/** `one`, then `two` and `three` at the same time. */
export const fork = (): Plan =>
  planFor({
    flow: ["input >> ON_SUCCESS >> one", "one >> ON_SUCCESS >> two", "one >> ON_SUCCESS >> three"],
    config: Object.fromEntries(["one", "two", "three"].map((node) => [node, { component: "set", values: { node } }])),
  });

export const runIdOf = (name: string): string => ids.runId(TENANT, name);

export function startOf(name: string, plan: Plan, more: Partial<StartRun> = {}): StartRun {
  const taken = plan.vertices[0]?.outgoing ?? [];
  const input: Value = { json: "{}" };
  return {
    tenant: TENANT,
    runId: runIdOf(name),
    plan,
    digests: pinnedDigests(plan),
    input,
    inputDigest: "d0",
    taken,
    origin: { kind: "rpc", depth: 0 },
    ...more,
  };
}

/** The object of the run, as the platform's stub and as what the Workers call. */
export function objectOf(name: string) {
  const stub = testEnv.RUNS.get(testEnv.RUNS.idFromName(runObjectName(TENANT, runIdOf(name))));
  return { stub, run: stub as unknown as RunApi }; // the stub's methods are those of the class, which implements RunApi
}

export async function started(name: string, plan: Plan, more: Partial<StartRun> = {}) {
  const object = objectOf(name);
  await object.run.start(startOf(name, plan, more));
  return object;
}

/** Claims a step that must be given out. */
export async function claimed(run: RunApi, step: string): Promise<Assignment> {
  const [reply] = await run.claim([step]);
  if (reply?.kind !== "execute") throw new Error(`${step} was not given out: ${JSON.stringify(reply)}`);
  return reply;
}

export type Result = Outcome["result"];
export const outcome = ({ step, generation, attempt, lease }: Assignment, result: Result): Outcome => ({
  step,
  generation,
  attempt,
  lease,
  startedAt: Date.now(),
  fuel: 1,
  result,
});

export const successOf = (assignment: Assignment, data: unknown = {}): Outcome => {
  const taken = assignment.edges.filter(({ relation }) => relation.kind !== "fail").map(({ id }) => id);
  return outcome(assignment, { kind: "succeeded", output: { json: JSON.stringify({ success: true, data }) }, taken });
};
export const failureOf = (assignment: Assignment, code = "part.failed"): Outcome =>
  outcome(assignment, { kind: "failed", error: { code, message: "it broke", retryable: false } });

/** Claims and settles. */
export async function succeed(run: RunApi, step: string, data?: unknown) {
  return run.settle([successOf(await claimed(run, step), data)]);
}

type Stub = ReturnType<typeof objectOf>["stub"];

/** The rows as they lie in the object's storage. */
export function logOf(stub: Stub): Promise<readonly LogRow[]> {
  return runInDurableObject(stub, (_: unknown, { storage }: DurableObjectState) => createSqliteLog(storage).read(0, 1000));
}

export async function eventsOf(stub: Stub): Promise<readonly (readonly [RunEventType, string?])[]> {
  return (await logOf(stub)).map(({ event }) => ("step" in event ? [event.type, event.step] : [event.type]));
}

export function alarmOf(stub: Stub): Promise<number | null> {
  return runInDurableObject(stub, (_: unknown, { storage }: DurableObjectState) => storage.getAlarm());
}

/** From now on the clock of tests and objects stands still but for this. */
export function stopClock(): (ms: number) => void {
  const now = Date.now();
  vi.useFakeTimers({ toFake: ["Date"], now });
  return (ms) => vi.setSystemTime(Date.now() + ms);
}
