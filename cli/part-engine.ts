/** What `acr` takes of the engine: the checks of an upload, and the host that runs parts. Loaded by the commands as it is. */
import { admitModule } from "../shared/metering/admit-module.ts";
import { ArcrunError, type ErrorInfo, toErrorInfo } from "../shared/model/errors.ts";
import { KIB, MAX_PART_MODULE_BYTES, MIB } from "../shared/model/limits.ts";
import type { PartManifest } from "../shared/part-manifest.ts";
import { type PartOutcome, type PartRun, runPart } from "../workers/runner/part-host.ts";

export { checkProgram } from "./check-program.ts";
export { parsePart } from "../shared/parse-part.ts";
export { runCases } from "./part-cases.ts";

export type CheckedModule =
  | { readonly ok: true; readonly metered: Uint8Array; readonly imports: readonly string[] }
  | { readonly ok: false; readonly error: ErrorInfo };

const PAGE_BYTES = 64 * KIB;

// Cloudflare's types leave the constructor out, because a Worker may not compile bytes; Node may.
const { Module } = WebAssembly as unknown as { Module: new (wasm: Uint8Array) => WebAssembly.Module };

/** As the upload does it, and one thing more: here the module is really compiled. */
export function checkModule(wasm: Uint8Array, manifest: PartManifest): CheckedModule {
  try {
    if (wasm.byteLength > MAX_PART_MODULE_BYTES)
      throw new ArcrunError(
        "wasm.too_large",
        `an uploaded module may have ${MAX_PART_MODULE_BYTES} bytes, this one has ${wasm.byteLength}`,
      );
    const metered = admitModule(wasm, { maxMemoryPages: (manifest.memoryMib * MIB) / PAGE_BYTES });
    const imports = WebAssembly.Module.imports(new Module(metered)).map(({ module, name }) => `${module}.${name}`);
    return { ok: true, metered, imports };
  } catch (thrown) {
    if (thrown instanceof WebAssembly.CompileError)
      return { ok: false, error: { code: "wasm.invalid", message: `the module is not valid: ${thrown.message}`, retryable: false } };
    if (!(thrown instanceof ArcrunError)) throw thrown;
    return { ok: false, error: toErrorInfo(thrown) };
  }
}

type Runner = (run: PartRun) => PartOutcome;

export function moduleRunner(metered: Uint8Array): Runner {
  const module = new Module(metered);
  return (run) => runPart(module, run);
}
