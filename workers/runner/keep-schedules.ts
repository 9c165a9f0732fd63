/**
 * What the object of a workflow's schedules does whenever it looks: reads them anew, fires what is due, plans the rest.
 *
 * Invariants
 * K1  D1 says which schedules there are, each time; the object knows only what came of them. So no lost call makes it fire what is gone.
 * K2  That a moment is to be fired is stored before its run is started, and the run is named by schedule and moment: whoever looks again
 *     after a crash, or twice at once, finds the same run.
 * K3  What cannot be started for a reason that passes stays decided until its turn, or until the next one is due (S1).
 */
import { sha256Hex } from "../../shared/ids.ts";
import type { DeadLetter } from "../../shared/message.ts";
import { ArcrunError, type ErrorInfo, toErrorInfo } from "../../shared/model/errors.ts";
import { isRunTerminal } from "../../shared/model/run.ts";
import { decideFiring, isTooLate } from "../../shared/model/schedule.ts";
import type { Catalogue, RunIndex, ScheduleHistory, Schedules, StoredSchedule } from "../../shared/ports.ts";
import { deliveredRunId, type Idempotency, type StartDeps, startRun } from "../../shared/start-run.ts";

/** `pendingAt`: it is decided that this moment is fired, and not known that its run has started. */
export type ScheduleState = ScheduleHistory & { readonly pendingAt: number | null };

export type KeptSchedules = {
  readonly v: 1;
  readonly tenant: string;
  readonly workflow: string;
  /** When to look although nothing is due: somebody was about to change the schedules. */
  readonly checksAt: readonly number[];
  readonly states: Readonly<Record<string, ScheduleState>>;
};

export type KeeperDeps = StartDeps & {
  readonly catalogue: Pick<Catalogue, "newest">;
  readonly schedules: Pick<Schedules, "of" | "tell">;
  readonly index: Pick<RunIndex, "addDeadLetters">;
  now(): number;
  log(event: string, fields: Readonly<Record<string, unknown>>): void;
};

/** What must be on disk before it goes on (K2). */
export type Save = (kept: KeptSchedules) => Promise<void>;
export type Looked = { readonly kept: KeptSchedules; readonly isRetried: boolean };

/** Throws when D1 does not answer. `isRetried`: something is to be tried again soon. */
export async function keepSchedules(before: KeptSchedules, deps: KeeperDeps, save: Save): Promise<Looked> {
  const { tenant, workflow } = before;
  const schedules = await deps.schedules.of(tenant, workflow);
  const known = new Map(Object.entries(before.states));
  const states = new Map(schedules.map(({ key }) => [key, known.get(key)]));
  const now = deps.now();
  const kept = (): KeptSchedules => ({
    ...before,
    checksAt: before.checksAt.filter((at) => at > now),
    states: Object.fromEntries([...states].flatMap(([key, state]) => (state === undefined ? [] : [[key, state]]))),
  });
  let isRetried = false;
  for (const schedule of schedules) {
    const keep = async (state: ScheduleState) => {
      states.set(schedule.key, state);
      await save(kept());
    };
    const state = await keepOne({ tenant, workflow, schedule, now, keep }, states.get(schedule.key), deps);
    states.set(schedule.key, state);
    isRetried ||= state.pendingAt !== null;
  }
  await save(kept());
  await deps.schedules.tell(tenant, workflow, new Map([...states].flatMap(([key, state]) => (state ? [[key, historyOf(state)]] : []))));
  return { kept: kept(), isRetried };
}

const historyOf = ({ nextAt, lastAt, lastRunId, skipped, missed, lastError }: ScheduleState): ScheduleHistory => ({
  nextAt,
  lastAt,
  lastRunId,
  skipped,
  missed,
  lastError,
});

const NEW: ScheduleState = { nextAt: null, lastAt: null, lastRunId: null, skipped: 0, missed: 0, lastError: null, pendingAt: null };

type One = {
  readonly tenant: string;
  readonly workflow: string;
  readonly schedule: StoredSchedule;
  readonly now: number;
  keep(state: ScheduleState): Promise<void>;
};

async function keepOne(one: One, known: ScheduleState | undefined, deps: KeeperDeps): Promise<ScheduleState> {
  const { schedule, now } = one;
  const { pendingAt } = known ?? NEW;
  const before = known === undefined || pendingAt === null ? (known ?? NEW) : await firePending(one, known, pendingAt, deps);
  const { fireAt, nextAt, missed } = decideFiring(schedule, now, known?.nextAt);
  const state = { ...before, nextAt, missed: before.missed + missed };
  if (fireAt === undefined) return state;
  // Its turn is over (K3).
  const late = state.pendingAt === null ? 0 : 1;
  if (await isOverlapped(one, state, deps)) return { ...state, pendingAt: null, missed: state.missed + late, skipped: state.skipped + 1 };
  const pending = { ...state, pendingAt: fireAt, missed: state.missed + late };
  await one.keep(pending);
  return fire(one, pending, fireAt, deps);
}

/** Decided by an earlier look that did not come to its end. */
async function firePending(one: One, state: ScheduleState, at: number, deps: KeeperDeps): Promise<ScheduleState> {
  const { tenant, workflow, schedule, now } = one;
  if (!isTooLate(schedule, at, now)) return fire(one, state, at, deps);
  const runId = deliveredRunId(deps.ids, tenant, workflow, deliveryOf(schedule, at));
  const isStarted = (await deps.runs.of(tenant, runId).wait(0)) !== null;
  return isStarted ? started(state, at, runId) : { ...state, pendingAt: null, missed: state.missed + 1 };
}

/** The run of the last firing is still going. One that was deleted is not. */
async function isOverlapped({ tenant, schedule }: One, { lastRunId }: ScheduleState, deps: KeeperDeps): Promise<boolean> {
  if (schedule.overlap === "allow" || lastRunId === null) return false;
  const status = await deps.runs.of(tenant, lastRunId).wait(0);
  return status !== null && !isRunTerminal(status);
}

const deliveryOf = ({ key }: StoredSchedule, at: number): Idempotency => ({
  source: "schedule",
  key: `${key} ${new Date(at).toISOString()}`,
});

const started = (state: ScheduleState, at: number, runId: string): ScheduleState => ({
  ...state,
  pendingAt: null,
  lastAt: at,
  lastRunId: runId,
  lastError: null,
});

async function fire(one: One, state: ScheduleState, at: number, deps: KeeperDeps): Promise<ScheduleState> {
  try {
    return started(state, at, await startScheduled(one, at, deps));
  } catch (thrown) {
    const error = toErrorInfo(thrown);
    deps.log("schedule.not_fired", { workflow: one.workflow, at: new Date(at).toISOString(), code: error.code, error: String(thrown) });
    if (error.retryable) return { ...state, lastError: error };
    await deps.index.addDeadLetters([letterOf(one, at, error)]);
    return { ...state, pendingAt: null, lastAt: at, lastError: error };
  }
}

async function startScheduled({ tenant, workflow: name, schedule }: One, at: number, deps: KeeperDeps): Promise<string> {
  const workflow = await deps.catalogue.newest(tenant, name);
  if (workflow === undefined) throw new ArcrunError("not_found", `there is no workflow ${name}`);
  const { runId } = await startRun(deps, {
    tenant,
    workflow,
    inputJson: JSON.stringify(schedule.input),
    origin: { kind: "schedule", depth: 0, scheduledAt: at },
    idempotency: deliveryOf(schedule, at),
  });
  return runId;
}

/** Named by the firing, so that a second report of it is the same letter. */
function letterOf({ tenant, workflow, schedule }: One, at: number, error: ErrorInfo): DeadLetter {
  return {
    id: `dl_${sha256Hex(JSON.stringify(["schedule", tenant, workflow, schedule.key, at])).slice(0, 32)}`,
    tenant,
    runId: null,
    workflow,
    node: null,
    step: null,
    error,
    fingerprint: sha256Hex(JSON.stringify(["schedule", workflow, schedule.key, error.code])).slice(0, 32),
    input: JSON.stringify(schedule).slice(0, MAX_SHOWN_CHARS),
    at,
  };
}
const MAX_SHOWN_CHARS = 4096;

/** Null: nothing more will happen here by itself. */
export function lookAgainAt({ checksAt, states }: KeptSchedules): number | null {
  const moments = [...checksAt, ...Object.values(states).flatMap(({ nextAt }) => nextAt ?? [])];
  return moments.length === 0 ? null : Math.min(...moments);
}
