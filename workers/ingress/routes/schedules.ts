/** The schedules of all workflows, and what came of them. They are changed by pushing the workflow. */
import { json, type KeyedCall, type Route } from "../../../shared/http/http-app.ts";
import { pageLimit } from "../../../shared/http/parse-request.ts";
import type { ScheduleRow } from "../../../shared/ports.ts";
import { errorJson, isoTime } from "../../../shared/run-json.ts";
import type { IngressDeps } from "../deps.ts";

export const scheduleRoutes: readonly Route<IngressDeps>[] = [{ method: "GET", path: "/schedules", scope: "read", handle: list }];

/** `next_at` null: it never fires again. Told by the objects when they have looked, so it may lag by seconds. */
const scheduleJson = (schedule: ScheduleRow) => ({
  workflow: schedule.workflow,
  cron: schedule.cron,
  timezone: schedule.timezone,
  input: schedule.input,
  overlap: schedule.overlap,
  catch_up: schedule.catchUp,
  next_at: isoTime(schedule.nextAt),
  last_at: isoTime(schedule.lastAt),
  last_run_id: schedule.lastRunId,
  skipped: schedule.skipped,
  missed: schedule.missed,
  last_error: errorJson(schedule.lastError),
});

async function list(deps: IngressDeps, { query, key }: KeyedCall): Promise<Response> {
  const [workflow, cursor] = [query.get("workflow"), query.get("cursor")];
  const { schedules, nextCursor } = await deps.schedules.list(key.tenant, {
    limit: pageLimit(query),
    ...(workflow === null ? {} : { workflow }),
    ...(cursor === null || cursor === "" ? {} : { cursor }),
  });
  return json({ schedules: schedules.map(scheduleJson), next_cursor: nextCursor });
}
