/**
 * A workflow and its schedules are changed together: their object is told before the catalogue is written that it must look, and looks
 * after it. Whatever dies in between, it looks by itself; who was answered 503 pushes again.
 */
import { logError } from "../../shared/log-error.ts";
import { ArcrunError } from "../../shared/model/errors.ts";
import type { Schedule } from "../../shared/model/definition/workflow.ts";
import type { WorkflowVersion } from "../../shared/ports.ts";
import { withKeys } from "../../shared/schedule-key.ts";
import type { IngressDeps } from "./deps.ts";

type PushDeps = Pick<IngressDeps, "catalogue" | "schedules" | "keepers">;

/** True if the version is new. Throws `storage_unavailable`. */
export async function pushWorkflow(
  deps: PushDeps,
  tenant: string,
  { schedules, ...version }: WorkflowVersion & { readonly schedules: readonly Schedule[] },
): Promise<boolean> {
  const { name } = version;
  const isScheduled = schedules.length > 0 || (await deps.schedules.of(tenant, name)).length > 0;
  if (!isScheduled) return deps.catalogue.push(tenant, version);
  const keeper = deps.keepers.of(tenant, name);
  await told(keeper.expect(tenant, name));
  const created = await deps.catalogue.push(tenant, version, withKeys(schedules));
  await told(keeper.sync(tenant, name));
  return created;
}

async function told(call: Promise<void>): Promise<void> {
  await call.catch((cause: unknown) => {
    logError("schedule.not_set", cause);
    throw new ArcrunError("storage_unavailable", "the schedule could not be set; push again", { cause });
  });
}

/** False if there is none. Its object need not be told: before it fires anything it looks whether it is still there. */
export async function removeWorkflow(deps: PushDeps, tenant: string, name: string, later: (work: Promise<void>) => void): Promise<boolean> {
  const isScheduled = (await deps.schedules.of(tenant, name)).length > 0;
  const isRemoved = await deps.catalogue.remove(tenant, name);
  if (isScheduled) {
    const synced = deps.keepers.of(tenant, name).sync(tenant, name);
    later(synced.catch((thrown: unknown) => logError("schedule.not_cleared", thrown)));
  }
  return isRemoved;
}
