/**
 * What runs inside the isolate of a part that is not in the bundle: the same host as for all others, around the one module that the
 * loader laid beside it. Bundled as text by `scripts/build-part-isolate.mjs`; `part-loader.ts` talks to it. It has no bindings and no
 * network: what the part asks for, the runner does.
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import module from "./part.wasm";
import { carried } from "./carried-outcome.ts";
import { type PartOutcome, type PartRun, runPart } from "./part-host.ts";

export default class PartIsolate extends WorkerEntrypoint {
  run(run: PartRun): PartOutcome {
    return carried(runPart(module, run));
  }
}
