/**
 * When a schedule fires. Pure: the same schedule, moment and past give the same decision.
 *
 * Invariants
 * S1  Of several firings that are due at once only the latest is fired; the others were missed, and are counted.
 * S2  A firing is named by the moment at which it was due. So the decision may be taken again, and nothing happens twice.
 * S3  `nextAt` is never in the past. When the clock was set back it comes nearer again, so that no schedule sleeps on.
 *
 * Daylight saving is croner's business: a time of day that a spring night leaves out fires when the clocks have gone on, one that an
 * autumn night has twice fires the first time; what comes every so many minutes or hours keeps its distance.
 */
import { Cron } from "croner";
import { canonicalJson } from "./json-document.ts";
import { MINUTE_MS } from "./limits.ts";
import type { Schedule } from "./definition/workflow.ts";

/** Later than this a firing is missed, and `catch_up` says what becomes of it. */
export const ON_TIME_MS = MINUTE_MS;
/** Missed firings are counted so far in one go: a minute's schedule misses half a million in a year. */
export const MAX_COUNTED = 1000;

export type Firing = {
  /** The moment that was due. Absent: nothing is fired now. */
  readonly fireAt?: number;
  /** Null: never again. */
  readonly nextAt: number | null;
  /** Firings that were due and will not be fired. */
  readonly missed: number;
};

/** `nextAt`: what was decided last; undefined for a schedule that is new. */
export function decideFiring(schedule: Pick<Schedule, "cron" | "timezone" | "catchUp">, now: number, nextAt?: number | null): Firing {
  const cron = openCron(schedule);
  const following = nextOf(cron, now);
  if (nextAt === undefined || nextAt === null || nextAt > now) return { nextAt: following, missed: 0 };
  const latest = cron.previousRuns(1, new Date(now + 1))[0]?.getTime();
  // The time zone has other rules since: what was planned is no firing any more.
  if (latest === undefined || latest < nextAt) return { nextAt: following, missed: 0 };
  const due = countFirings(cron, nextAt, latest);
  const isFired = schedule.catchUp === "last" || now - latest <= ON_TIME_MS;
  return isFired ? { fireAt: latest, nextAt: following, missed: due - 1 } : { nextAt: following, missed: due };
}

/** Whether a firing that was decided and perhaps not done comes too late to be done. */
export const isTooLate = ({ catchUp }: Pick<Schedule, "catchUp">, fireAt: number, now: number): boolean =>
  catchUp === "none" && now - fireAt > ON_TIME_MS;

/** What is wrong with a cron expression of five fields, or a nickname like `@daily`; undefined: nothing. */
export function cronProblem(text: string): string | undefined {
  if (text.trim() === "") return "it is empty";
  if (text.includes(":")) return "it looks like a date"; // croner would take it for one
  try {
    const first = nextOf(openCron({ cron: text, timezone: "UTC" }), 0);
    return first === null ? "no day of any year fits it" : undefined;
  } catch (thrown) {
    return String(thrown instanceof Error ? thrown.message : thrown).slice(0, 200);
  }
}

/** What makes a schedule the same one in the next version: then it keeps its history. Overlap and catch-up may change. */
export const scheduleIdentity = ({ cron, timezone, input }: Schedule): string => canonicalJson({ cron, timezone, input });

/** Without a function to call it is no timer. */
const openCron = ({ cron, timezone }: Pick<Schedule, "cron" | "timezone">): Cron => new Cron(cron.trim(), { timezone, mode: "5-part" });

const nextOf = (cron: Cron, after: number): number | null => cron.nextRun(new Date(after))?.getTime() ?? null;

/** How many there are from the first to the last, both counted. */
function countFirings(cron: Cron, first: number, last: number): number {
  let count = 1;
  for (let at: number | null = first; at !== null && at < last && count < MAX_COUNTED; count++) at = nextOf(cron, at);
  return count;
}
