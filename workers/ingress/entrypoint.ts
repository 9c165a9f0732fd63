/** For other Workers of the account, over a service binding to the entrypoint `Arcrun`. */
import { WorkerEntrypoint } from "cloudflare:workers";
import { ArcrunError } from "../../shared/model/errors.ts";
import { createWiring } from "../../shared/create-wiring.ts";
import type { IngressEnv } from "../../shared/env.ts";
import { createRpc, type Rpc } from "./rpc.ts";
import { wire } from "./wire.ts";

const wired = createWiring(wire);
const DEFAULT_TENANT = "default";

/** The tenant is in the binding's props (R10), else it is `default`; an argument may repeat it, not choose it. */
export class Arcrun extends WorkerEntrypoint<IngressEnv, { readonly tenant?: string }> {
  /** Starts a run: `{runId, version, replay}`. `input` is any value that structured clone and JSON know. */
  trigger(
    workflow: string,
    input: unknown,
    options: { readonly idempotencyKey?: string; readonly tenant?: string } = {},
  ): ReturnType<Rpc["trigger"]> {
    const tenant = this.ctx.props?.tenant ?? DEFAULT_TENANT;
    if (options.tenant !== undefined && options.tenant !== tenant)
      throw new ArcrunError("forbidden", "the tenant is decided by the props of the binding");
    return this.rpc().trigger(workflow, input, options.idempotencyKey);
  }

  /** The run as `GET /runs/:id` tells it, or null. */
  run(id: string): ReturnType<Rpc["run"]> {
    return this.rpc().run(id);
  }

  /** Waits at most so many seconds (25) and gives the run as it is then. */
  wait(id: string, seconds: number): ReturnType<Rpc["wait"]> {
    return this.rpc().wait(id, seconds);
  }

  /** True if the run was going and is now cancelled. */
  cancel(id: string, reason?: string): ReturnType<Rpc["cancel"]> {
    return this.rpc().cancel(id, reason);
  }

  private rpc(): Rpc {
    return createRpc(wired(this.env), this.ctx.props?.tenant ?? DEFAULT_TENANT, (work) => this.ctx.waitUntil(work));
  }
}
