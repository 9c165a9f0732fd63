/** Schedules in their real objects: how a test pushes them, rings their alarm, and sees what came of it. */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, vi } from "vitest";
import { createCatalogue } from "../../shared/adapters/d1-catalogue.ts";
import { createSchedules } from "../../shared/adapters/d1-schedules.ts";
import { createScheduleKeepers, scheduleObjectName } from "../../shared/adapters/schedule-objects.ts";
import { runObjectName } from "../../shared/ids.ts";
import type { Schedule } from "../../shared/model/definition/workflow.ts";
import type { ScheduleRow } from "../../shared/ports.ts";
import type { RunApi } from "../../shared/run-api.ts";
import { withKeys } from "../../shared/schedule-key.ts";
import type { KeptSchedules } from "../../workers/runner/keep-schedules.ts";
import { testEnv } from "./workerd-env.ts";
import { planFor, TENANT } from "./workerd-runs.ts";

export const iso = (at: number) => new Date(at).toISOString();
export const catalogue = createCatalogue(testEnv.DB);
const schedules = createSchedules(testEnv.DB);
export const keepers = createScheduleKeepers(testEnv.SCHEDULES);
export const EVERY_MINUTE: Schedule = { cron: "* * * * *", timezone: "UTC", input: { n: 1 }, overlap: "allow", catchUp: "none" };
const PLAN = {
  flow: ["input >> ON_SUCCESS >> a"],
  config: { a: { component: "set", values: {} } },
  input: { type: "object", properties: { n: { type: "integer" } } },
};

export const stubOf = (name: string) => testEnv.SCHEDULES.get(testEnv.SCHEDULES.idFromName(scheduleObjectName(TENANT, name)));
export const runOf = (runId: string) => testEnv.RUNS.get(testEnv.RUNS.idFromName(runObjectName(TENANT, runId))) as unknown as RunApi; // the class implements it

export async function write(name: string, ...list: readonly Schedule[]): Promise<void> {
  const plan = planFor({ name, ...PLAN });
  const version = { name, version: plan.version, description: "d", plan, source: "", format: "json" as const, createdAt: 1 };
  await catalogue.push(TENANT, version, withKeys(list));
}

/** As a push does it. */
export async function pushed(name: string, ...list: readonly Schedule[]) {
  await keepers.of(TENANT, name).expect(TENANT, name);
  await write(name, ...list);
  await keepers.of(TENANT, name).sync(TENANT, name);
  return stubOf(name);
}

export async function ring(stub: ReturnType<typeof stubOf>, at: number): Promise<void> {
  vi.setSystemTime(at);
  expect(await runDurableObjectAlarm(stub)).toBe(true);
}

export const listed = async (name: string) => (await schedules.list(TENANT, { workflow: name, limit: 100 })).schedules;
const historyOf = ({ nextAt, lastAt, skipped, missed }: ScheduleRow) => ({
  next: nextAt && iso(nextAt),
  last: lastAt && iso(lastAt),
  skipped,
  missed,
});
export const history = async (name: string) => (await listed(name)).map(historyOf);

export async function runsOf(name: string): Promise<readonly string[]> {
  const sql = "SELECT run_id FROM runs WHERE tenant = ? AND workflow = ? ORDER BY started_at, run_id";
  const { results } = await testEnv.DB.prepare(sql).bind(TENANT, name).all<{ run_id: string }>();
  return results.map(({ run_id }) => run_id);
}

export const stateIn = (stub: ReturnType<typeof stubOf>) =>
  runInDurableObject(stub, async (_, { storage }) => ({
    kept: await storage.get<KeptSchedules>("kept"),
    alarm: await storage.getAlarm(),
  }));
