/**
 * A store that does not answer (R2, D1, the object of a run) is no fault of the step: the step waits and spends no attempt, however long it
 * takes; `policy.run.timeout` ends that. Only where nothing is done twice that must not be, and nothing forgotten that a pause had given.
 */
import pRetry from "p-retry";
import { toErrorInfo } from "../../shared/model/errors.ts";
import { MINUTE_MS, SECOND_MS } from "../../shared/model/limits.ts";
import type { Vertex } from "../../shared/model/plan.ts";
import type { Assignment, Outcome } from "../../shared/run-api.ts";
import type { Paused } from "./attempt.ts";

const FIRST_PAUSE_MS = 2 * SECOND_MS;
const MAX_DOUBLINGS = 6;
const AGAIN = { minTimeout: 250, maxTimeout: 2 * SECOND_MS, factor: 2, retries: Number.POSITIVE_INFINITY };

export const isStorageAway = (thrown: unknown): boolean => toErrorInfo(thrown).code === "storage_unavailable";

/** Undefined: it fails like any other. `hasBegun`: calls were made; made again, they have the same keys. */
export function spareAttempt(assignment: Assignment, hasBegun: boolean, now: number): Outcome["result"] | undefined {
  if (assignment.ending !== undefined) return undefined; // the final callback has a day of its own
  // Its effect must not be repeated. As after a crash, its lease ends, and then nobody knows what came of it (R5).
  if (hasBegun && assignment.vertex.effects === "once") return { kind: "released" };
  return pauseForStorage(assignment, now);
}

/** Before anything was sent. Undefined: it is told as the result of the call, like any other failure. */
export const pauseBeforeCall = (assignment: Assignment, now: number): Paused | undefined =>
  assignment.resume === null && assignment.ending === undefined ? pauseForStorage(assignment, now) : undefined;

/** What must not be lost is tried again until it is stored, or the time is over. */
export const untilStored = <T>(work: () => Promise<T>, forMs: number): Promise<T> =>
  pRetry(work, { ...AGAIN, maxRetryTime: Math.max(0, forMs), shouldRetry: ({ error }) => isStorageAway(error) });

/** What a call has given is not thrown away as long as there is time. The lane of pure steps waits for nobody: they are done again. */
export const keeping = <T>({ lane, effects }: Vertex, forMs: number, work: () => Promise<T>): Promise<T> =>
  lane === "io" && effects !== "pure" ? untilStored(work, forMs) : work();

/** Longer each time in a row, and not for all at the same moment. It goes on from where it was: in the middle of its part, or from what ended its last wait. */
function pauseForStorage({ backoffs = 0, resume }: Assignment, now: number): Paused {
  const pauseMs = FIRST_PAUSE_MS * 2 ** Math.min(backoffs, MAX_DOUBLINGS);
  const dueAt = Math.ceil(now + pauseMs * (0.5 + Math.random()));
  const isCall = resume === null ? { isCall: true as const } : {};
  return { kind: "paused", reason: "retry_backoff", ...isCall, dueAt, waitMs: dueAt - now + MINUTE_MS, note: NOTE };
}

const NOTE = "a store of the engine does not answer; the step waits for it and spends no attempt";

/** Not one that the service asked for. */
export const isStoragePause = ({ note }: Pick<Paused, "note">): boolean => note === NOTE;
