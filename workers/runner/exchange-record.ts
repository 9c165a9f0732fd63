/** What the calls of one attempt have given: the list that the part is run with, and how much of it the log has. */
import { ArcrunError, toErrorInfo } from "../../shared/model/errors.ts";
import type { Value } from "../../shared/model/log.ts";
import type { Exchange } from "../../shared/run-api.ts";
import type { Attempt } from "./attempt.ts";
import type { RunnerDeps } from "./deps.ts";
import { keeping } from "./storage-away.ts";

export type ExchangeRecord = {
  readonly exchanges: readonly { readonly resultBytes: Uint8Array }[];
  /** Results are logged: the part has effects. */
  readonly isLogged: boolean;
  /** Calls that were made in this go. */
  readonly fresh: number;
  add(resultJson: string): void;
  /** Results that the log does not have yet, as values that a row can hold. */
  take(): Promise<readonly Value[]>;
  /** Writes them to the log now. False: the lease is gone, nothing more may be done in its name. */
  log(): Promise<boolean>;
};

const encoder = new TextEncoder();

/** Begins with what the claim handed out. */
export async function createRecord({ assignment, startedAt, deadline }: Attempt, deps: RunnerDeps): Promise<ExchangeRecord> {
  const { run, step, generation, attempt, lease, vertex } = assignment;
  const known = await Promise.all(assignment.exchanges.map((exchange) => resultJson(exchange, run, deps)));
  const exchanges = known.map((json) => ({ resultBytes: encoder.encode(json) }));
  const isLogged = vertex.effects !== "pure";
  let unlogged: string[] = [];
  const take = async (): Promise<readonly Value[]> => {
    const put = (json: string) => keeping(vertex, deadline - deps.now(), () => deps.payloads.put(run.tenant, run.id, json));
    const results = await Promise.all(unlogged.map(put));
    unlogged = [];
    return results;
  };
  return {
    exchanges,
    isLogged,
    get fresh() {
      return exchanges.length - known.length;
    },
    add(json) {
      exchanges.push({ resultBytes: encoder.encode(json) });
      unlogged.push(json);
    },
    take,
    async log() {
      if (unlogged.length === 0) return true;
      deps.counters.objectCall();
      return deps.runs.of(run.tenant, run.id).exchange({ step, generation, attempt, lease }, startedAt, await take());
    },
  };
}

async function resultJson(
  exchange: Exchange,
  { tenant, id }: { readonly tenant: string; readonly id: string },
  deps: RunnerDeps,
): Promise<string> {
  switch (exchange.kind) {
    case "result":
      return deps.payloads.get(tenant, id, exchange.value);
    case "slept":
      return JSON.stringify({ slept_ms: exchange.ms });
    case "expired":
      return JSON.stringify({ error: toErrorInfo(new ArcrunError("wait.expired", "nobody answered in time")) });
    case "answered": {
      const { success, data, error } = exchange.answer;
      const failure = error ?? { code: "part.failed", message: "the answer reports a failure", retryable: false };
      return success ? `{"success":true,"data":${await deps.payloads.get(tenant, id, data)}}` : JSON.stringify({ error: failure });
    }
  }
}
