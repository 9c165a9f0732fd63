/** Global set-up, in Node: compiles what a Worker may not compile. Hostile parts, metered as an upload is. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { admitModule } from "../../shared/metering/admit-module.ts";
import { compileWat, wat } from "../wasm/compile-wat.ts";

const HOSTILE = "test/hostile";
const LIMITS = { maxMemoryPages: 64 };

export default function writeModules(): void {
  mkdirSync("generated/test", { recursive: true });
  writeFileSync("generated/test/endless.wasm", admitModule(compileWat(wat("", "(loop (br 0))")), LIMITS));
  for (const file of readdirSync(HOSTILE)) {
    const text = readFileSync(`${HOSTILE}/${file}`, "utf8");
    // The others are refused before they are ever stored.
    if (!file.endsWith(".wat") || text.startsWith(";; wasm.")) continue;
    writeFileSync(`generated/test/${file.replace(".wat", ".wasm")}`, admitModule(compileWat(text), LIMITS));
  }
}
