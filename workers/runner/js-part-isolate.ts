/** As `part-isolate.ts`, for a part in JavaScript: the engine that it was built or uploaded for, and its image or source. */
import { WorkerEntrypoint } from "cloudflare:workers";
import { carried } from "./carried-outcome.ts";
import { type JsProgram, runJsPart } from "./js-part-host.ts";
import type { PartOutcome, PartRun } from "./part-host.ts";
import engine from "./part.wasm";
import program from "./program.bin";

type Env = { readonly MEMORY_MIB: number; readonly IS_SOURCE: boolean };

export default class JsPartIsolate extends WorkerEntrypoint<Env> {
  run(run: PartRun): PartOutcome {
    const { MEMORY_MIB: memoryMib, IS_SOURCE: isSource } = this.env;
    const code: JsProgram = isSource
      ? { source: new TextDecoder().decode(program), memoryMib }
      : { image: new Uint8Array(program), memoryMib };
    return carried(runJsPart(engine, code, run));
  }
}
