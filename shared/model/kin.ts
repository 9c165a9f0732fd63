/** What a run has to do with other runs, as far as its log knows. Changed by rows only; the rules are in `awaited-runs.ts`. */
import type { AwaitedRun, EventOf, Watcher } from "./log.ts";

export type KnownEnd = { readonly life: number; readonly failed: boolean };

export type Kin = {
  /** Ends of this run that a redrive undid. */
  life: number;
  /** By `watcherKey`. They are told of every end: one that waits no longer does not mind. */
  readonly watchers: Map<string, Watcher>;
  /** By step and generation, then by run: the last end that the step was told of. */
  readonly ends: Map<string, Map<string, KnownEnd>>;
  /** Runs that ended steps have left behind (K3), by id. */
  readonly orphans: Map<string, AwaitedRun>;
};

export const watcherKey = ({ runId, step, generation }: Watcher): string => JSON.stringify([runId, step, generation]);

/** Who owns a run watches it from its start. */
export function createKin({ origin: { owner, parentRunId } }: EventOf<"run.started">): Kin {
  const kin: Kin = { life: 0, watchers: new Map(), ends: new Map(), orphans: new Map() };
  if (owner !== undefined && parentRunId !== undefined) addWatcher(kin, { runId: parentRunId, ...owner });
  return kin;
}

export const addWatcher = ({ watchers }: Kin, watcher: Watcher): void => void watchers.set(watcherKey(watcher), watcher);
