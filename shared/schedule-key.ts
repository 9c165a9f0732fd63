/** How a schedule is named: by what it says, so that it is the same one in the next version. */
import { sha256Hex } from "./ids.ts";
import { scheduleIdentity } from "./model/schedule.ts";
import type { Schedule } from "./model/definition/workflow.ts";
import type { StoredSchedule } from "./ports.ts";

const KEY_CHARS = 32;

export const withKeys = (schedules: readonly Schedule[]): readonly StoredSchedule[] =>
  schedules.map((schedule) => ({ ...schedule, key: sha256Hex(scheduleIdentity(schedule)).slice(0, KEY_CHARS) }));
