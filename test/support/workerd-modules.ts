/** Global set-up, in Node: compiles what a Worker may not compile, metered as a build or an upload would meter it. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { TestProject } from "vitest/node";
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
    // as its author compiled it
    raw: compileWat(answeringWat({ success: true, data: { bytes: "uploaded" } })),
  };
  const asBase64 = Object.entries(modules).map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")]);
  project.provide("modules", Object.fromEntries(asBase64));
}
