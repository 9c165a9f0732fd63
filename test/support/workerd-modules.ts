/** Global set-up, in Node: compiles what a Worker may not compile, metered as a build or an upload would meter it. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { TestProject } from "vitest/node";
import { admitModule } from "../../shared/metering/admit-module.ts";
import { compileWat, wat } from "../wasm/compile-wat.ts";
import { answeringWat, askingWat, ECHO_WAT, metered } from "../wasm/small-parts.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Modules as base64, by name. */
    readonly modules: Readonly<Record<string, string>>;
  }
}

const ENDLESS = wat("", "(loop (br 0))");
const HOST = "https://api.example.com";

const HOSTILE = "test/hostile";
const LIMITS = { maxMemoryPages: 64 };

export default function writeModules(project: TestProject): void {
  mkdirSync("generated/test", { recursive: true });
  writeFileSync("generated/test/endless.wasm", metered(ENDLESS, 1));
  const modules = {
    // metered
    endless: metered(ENDLESS, 1),
    first: metered(answeringWat({ success: true, data: { bytes: "first" } })),
    second: metered(answeringWat({ success: true, data: { bytes: "second" } })),
    echo: metered(ECHO_WAT, 200),
    asking: metered(askingWat({ call: "http_request", request: { url: `${HOST}/one` } })),
    shouting: metered(askingWat({ call: "x" }, 31 * 2 ** 20), 1024),
    string_ops: readFileSync("generated/parts/string_ops.wasm"),
    js_engine: readFileSync("generated/parts/js-engine.wasm"),
    code_image: readFileSync("generated/parts/code.bin"),
    // as its author compiled it
    raw: compileWat(answeringWat({ success: true, data: { bytes: "uploaded" } })),
  };
  const asBase64 = Object.entries(modules).map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")]);
  project.provide("modules", Object.fromEntries(asBase64));
  writeHostileModules();
}

/** Those that are let in; the others are refused before they are ever stored. */
function writeHostileModules(): void {
  for (const file of readdirSync(HOSTILE)) {
    const text = readFileSync(`${HOSTILE}/${file}`, "utf8");
    if (!file.endsWith(".wat") || text.startsWith(";; wasm.")) continue;
    writeFileSync(`generated/test/${file.replace(".wat", ".wasm")}`, admitModule(compileWat(text), LIMITS));
  }
}
