/**
 * What runs inside the isolate of a part that is not in the bundle: the same host as for all others, around the one module that the
 * loader laid beside it. Bundled as text by `scripts/build-part-isolate.mjs`; `part-loader.ts` talks to it. It has no bindings and no
 * network: what the part asks for, the runner does.
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import { MAX_RPC_BYTES } from "../../shared/model/limits.ts";
import module from "./part.wasm";
import { type PartOutcome, type PartRun, runPart } from "./part-host.ts";

export default class PartIsolate extends WorkerEntrypoint {
  run(run: PartRun): PartOutcome {
    const outcome = runPart(module, run);
    if (outcome.kind !== "called" || outcome.request.byteLength <= MAX_RPC_BYTES) return outcome;
    const message = `the part made a call of ${outcome.request.byteLength} bytes, ${MAX_RPC_BYTES} can be carried`;
    return {
      kind: "failed",
      error: { code: "part.output_too_large", message, retryable: false },
      stderr: "",
      fuelUsed: outcome.fuelUsed,
    };
  }
}
