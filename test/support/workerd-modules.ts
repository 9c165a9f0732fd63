/** Global set-up, in Node: compiles what a Worker may not compile. A part that never ends, metered as a build would meter it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { meter } from "../../shared/metering/meter.ts";
import { compileWat, wat } from "../wasm/compile-wat.ts";

export default function writeModules(): void {
  mkdirSync("generated/test", { recursive: true });
  writeFileSync("generated/test/endless.wasm", meter(compileWat(wat("", "(loop (br 0))")), { maxMemoryPages: 1 }));
}
