/** What another Worker may ask for, for one tenant. */
import { toPlainJson } from "../../shared/codec.ts";
import { ArcrunError } from "../../shared/model/errors.ts";
import { MAX_HTTP_WAIT_SECONDS, SECOND_MS, TRACE_PAGE_STEPS } from "../../shared/model/limits.ts";
import { runJson } from "../../shared/run-json.ts";
import { type StartedRun, startRun } from "../../shared/start-run.ts";
import type { IngressDeps } from "./deps.ts";

export type Rpc = {
  trigger(workflow: string, input: unknown, idempotencyKey?: string): Promise<StartedRun>;
  run(id: string): Promise<Record<string, unknown> | null>;
  wait(id: string, seconds: number): Promise<Record<string, unknown> | null>;
  cancel(id: string, reason?: string): Promise<boolean>;
};

export function createRpc(deps: IngressDeps, tenant: string, later: (work: Promise<unknown>) => void): Rpc {
  const own = (id: string) => (deps.ids.isRunOf(tenant, id) ? deps.runs.of(tenant, id) : undefined);
  const show = async (id: string) => {
    const view = await own(id)?.view({ offset: 0, limit: TRACE_PAGE_STEPS });
    return view ? runJson(deps, view) : null;
  };
  return {
    async trigger(name, input, idempotencyKey) {
      const workflow = await deps.catalogue.newest(tenant, name);
      if (!workflow) throw new ArcrunError("not_found", `there is no workflow ${name}`);
      const idempotency = idempotencyKey === undefined ? {} : { idempotency: { source: "rpc", key: idempotencyKey } };
      const inputJson = JSON.stringify(toPlainJson(input));
      return startRun(deps, { tenant, workflow, inputJson, origin: { kind: "rpc", depth: 0 }, ...idempotency }, later);
    },
    run: show,
    async wait(id, seconds) {
      const ms = Math.min(Math.max(0, seconds), MAX_HTTP_WAIT_SECONDS) * SECOND_MS;
      await own(id)?.wait(Number.isFinite(ms) ? ms : 0);
      return show(id);
    },
    async cancel(id, reason) {
      const reply = await own(id)?.cancel(reason);
      if (reply?.kind !== "cancelled") return false;
      later(deps.teller.tell([reply.summary]));
      return true;
    },
  };
}
