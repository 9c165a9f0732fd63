/** The run objects by name. A name holds the tenant, so no tenant can reach another's (R10). */
import { runObjectName } from "../ids.ts";
import type { Runs } from "../ports.ts";
import type { RunApi } from "../run-api.ts";
import type { StoreEnv } from "../env.ts";

export function createRuns(namespace: StoreEnv["RUNS"]): Runs {
  return {
    // The stub has the methods of the class, which implements RunApi; the RPC types only add disposers that plain data has no use for.
    of: (tenant, runId) => namespace.get(namespace.idFromName(runObjectName(tenant, runId))) as unknown as RunApi,
  };
}
