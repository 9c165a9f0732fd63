/** The one run of a key that may go. The run itself is asked whether it does, so nothing has to be given back. */
import { HOUR_MS, SECOND_MS } from "../../shared/model/limits.ts";
import { isRunTerminal, type RunStatus } from "../../shared/model/run.ts";
import type { Runs } from "../../shared/ports.ts";
import type { SingletonReply } from "../../shared/slots/slot-api.ts";

type Claim = { readonly tenant: string; readonly runId: string; readonly since: number };

/** Who was told that he may start does it at once; after this he never will. */
const START_WITHIN_MS = 5 * SECOND_MS;
export const SINGLETON_LOOK_MS = HOUR_MS;
const KEY = "singleton";

type Deps = { readonly storage: Pick<DurableObjectStorage, "kv">; readonly runs: Runs; readonly now: () => number };

export async function claimSingleton({ storage, runs, now }: Deps, tenant: string, runId: string): Promise<SingletonReply> {
  for (;;) {
    const held = storage.kv.get<Claim>(KEY);
    const status = held === undefined || held.runId === runId ? undefined : await runs.of(tenant, held.runId).wait(0);
    // Meanwhile somebody else may have asked the same.
    if (storage.kv.get<Claim>(KEY)?.runId !== held?.runId) continue;
    if (held !== undefined && status !== undefined && !isFree(held, status, now()))
      return status === null ? { kind: "starting" } : { kind: "going", runId: held.runId };
    storage.kv.put<Claim>(KEY, { tenant, runId, since: now() });
    return { kind: "yours" };
  }
}

/** Forgets a claim that hinders nobody any more. True: there is none left. */
export async function forgetSingleton({ storage, runs, now }: Deps): Promise<boolean> {
  const held = storage.kv.get<Claim>(KEY);
  if (held === undefined) return true;
  const status = await runs.of(held.tenant, held.runId).wait(0);
  const isSame = storage.kv.get<Claim>(KEY)?.since === held.since;
  if (isSame && isFree(held, status, now())) storage.kv.delete(KEY);
  return storage.kv.get<Claim>(KEY) === undefined;
}

const isFree = ({ since }: Claim, status: RunStatus | null, now: number): boolean =>
  status === null ? now - since > START_WITHIN_MS : isRunTerminal(status);
