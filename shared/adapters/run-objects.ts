/** The run objects by name. A name holds the tenant, so no tenant can reach another's (R10). */
import { runObjectName } from "../ids.ts";
import type { Runs } from "../ports.ts";
import type { RunApi } from "../run-api.ts";
import type { StoreEnv } from "../env.ts";

/** Every message of a run asks for the same one, and two hashes are a part of what a small step costs. */
const MAX_REMEMBERED = 1000;

export function createRuns(namespace: StoreEnv["RUNS"]): Runs {
  const ids = new Map<string, DurableObjectId>();
  const idOf = (tenant: string, runId: string): DurableObjectId => {
    const key = `${runId} ${tenant}`;
    const known = ids.get(key);
    if (known !== undefined) return known;
    if (ids.size >= MAX_REMEMBERED) ids.clear();
    const id = namespace.idFromName(runObjectName(tenant, runId));
    ids.set(key, id);
    return id;
  };
  return {
    // The stub has the methods of the class, which implements RunApi; the RPC types only add disposers that plain data has no use for.
    of: (tenant, runId) => namespace.get(idOf(tenant, runId)) as unknown as RunApi,
  };
}
