/** Tells the index of runs about the runs that start and change, behind their back and many at once. */
import { setTimeout as sleep } from "node:timers/promises";
import pTimeout from "p-timeout";
import { logError } from "./log-error.ts";
import type { RunIndex, Runs } from "./ports.ts";
import type { RunSummary } from "./run-view.ts";

export type RunTeller = {
  /**
   * Never rejects: what the index does not take, the run objects tell it later. Resolves when it is written, or when somebody else has
   * undertaken to write it.
   */
  tell(summaries: readonly RunSummary[]): Promise<void>;
};

type TellerDeps = {
  readonly index: Pick<RunIndex, "upsert">;
  readonly runs: Runs;
  now(): number;
  /** How long the first one waits for others to join. */
  readonly lingerMs: number;
};

/** A writer that was ended with its request has left its rows to the next one after so long. */
const OVERDUE_MS = 10_000;
/** Steps wait for this write: an index that does not answer is to cost them little, and is then left alone for a while. */
const ANSWERS_WITHIN_MS = 2000;
const REST_MS = 5000;

/**
 * While one caller writes, the rows of all others gather, and it writes them too: a burst of starts is a handful of writes.
 * Only rows are shared between requests, never a promise of one of them.
 */
export function createRunTeller(deps: TellerDeps): RunTeller {
  const { index, runs, lingerMs } = deps;
  const gathered: RunSummary[] = [];
  let writingSince: number | undefined;
  let restsUntil = 0;

  async function writeAll(): Promise<void> {
    while (gathered.length > 0) {
      writingSince = deps.now();
      if (lingerMs > 0) await sleep(lingerMs);
      const summaries = gathered.splice(0);
      await write(summaries);
    }
  }

  async function write(summaries: readonly RunSummary[]): Promise<void> {
    if (deps.now() < restsUntil) return handBack(summaries);
    try {
      await pTimeout(index.upsert(summaries), { milliseconds: ANSWERS_WITHIN_MS });
    } catch (thrown) {
      restsUntil = deps.now() + REST_MS;
      logError("index.not_written", thrown, { count: summaries.length });
      await handBack(summaries);
    }
  }

  async function handBack(summaries: readonly RunSummary[]): Promise<void> {
    await Promise.allSettled(summaries.map(({ tenant, runId }) => runs.of(tenant, runId).repair()));
  }

  return {
    async tell(summaries) {
      gathered.push(...summaries);
      const isOthersWork = writingSince !== undefined && deps.now() - writingSince < OVERDUE_MS;
      if (isOthersWork || gathered.length === 0) return;
      await writeAll().finally(() => (writingSince = undefined));
    },
  };
}
