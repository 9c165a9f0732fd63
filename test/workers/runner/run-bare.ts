/** Runs a module as its compiler made it, with the same host: what metering must not change. For modules that are known to end. */
import { written as bytesOf } from "../../../shared/metering/binary-writer.ts";
import type { PartRun } from "../../../workers/runner/part-host.ts";
import type { StopReason } from "../../../workers/runner/wasi.ts";
import { createWasi } from "../../../workers/runner/wasi.ts";
import { compileWasm } from "../../wasm/compile-wat.ts";

/** `ending` is `returned`, why the host stopped it, or what the engine threw. */
export type BareRun = { readonly ending: string; readonly stdout: Uint8Array };

export function runBare(wasm: Uint8Array, run: PartRun): BareRun {
  const module = compileWasm(wasm.slice());
  const linked: { instance?: WebAssembly.Instance } = {};
  const memory = (): Uint8Array => {
    const exported = linked.instance?.exports["memory"];
    return exported instanceof WebAssembly.Memory ? new Uint8Array(exported.buffer) : new Uint8Array();
  };
  const stopped: StopReason[] = [];
  const stop = (reason: StopReason): never => {
    stopped.push(reason);
    throw new Error("stopped");
  };
  const names = new Set(WebAssembly.Module.imports(module).map(({ name }) => name));
  const { functions, written } = createWasi(run, { memory, charge: () => undefined, stop }, names);
  let ending = "returned";
  try {
    // The functions take what their WASM types say.
    linked.instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: functions } as unknown as WebAssembly.Imports);
    const start = linked.instance.exports["_start"];
    if (typeof start === "function") start();
  } catch (error) {
    ending = error instanceof Error ? error.message : String(error);
  }
  const [reason] = stopped;
  if (reason !== undefined) ending = reason.kind === "exit" ? `exit ${reason.code}` : reason.kind;
  return { ending, stdout: bytesOf(written.stdout).slice() };
}
