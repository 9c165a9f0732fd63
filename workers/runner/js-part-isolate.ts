/** As `part-isolate.ts`, for a part in JavaScript: the engine that it was built with, and its image. */
import { WorkerEntrypoint } from "cloudflare:workers";
import { carried } from "./carried-outcome.ts";
import image from "./image.bin";
import { type JsProgram, runJsPart } from "./js-part-host.ts";
import engine from "./part.wasm";
import type { PartOutcome, PartRun } from "./part-host.ts";

export default class JsPartIsolate extends WorkerEntrypoint<{ readonly MEMORY_MIB: number }> {
  run(run: PartRun): PartOutcome {
    const program: JsProgram = { image: new Uint8Array(image), memoryMib: this.env.MEMORY_MIB };
    return carried(runJsPart(engine, program, run));
  }
}
