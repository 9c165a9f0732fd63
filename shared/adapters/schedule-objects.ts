/** The objects that keep the schedules, by name. A name holds the tenant, so no tenant can reach another's (R10). */
import { sha256Hex } from "../ids.ts";
import type { ScheduleApi, ScheduleKeepers } from "../ports.ts";
import type { IngressEnv } from "../env.ts";

export const scheduleObjectName = (tenant: string, workflow: string): string => sha256Hex(JSON.stringify(["schedule", tenant, workflow]));

export function createScheduleKeepers(namespace: IngressEnv["SCHEDULES"]): ScheduleKeepers {
  return {
    // The stub has the methods of the class, which implements ScheduleApi; the RPC types only add disposers that plain data has no use for.
    of: (tenant, workflow) => namespace.get(namespace.idFromName(scheduleObjectName(tenant, workflow))) as unknown as ScheduleApi,
  };
}
