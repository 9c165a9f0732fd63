import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import loadWabt from "wabt";

const wabt = await loadWabt();

/** Everything that wabt can write, so that what meter() must refuse can be written, too. */
const FEATURES = {
  exceptions: true,
  simd: true,
  threads: true,
  tail_call: true,
  gc: true,
  memory64: true,
  multi_memory: true,
  extended_const: true,
  function_references: true,
};

// Cloudflare's types leave the constructor out, because a Worker may not compile bytes; Node may.
const { Module } = WebAssembly as unknown as {
  Module: new (wasm: Uint8Array) => WebAssembly.Module;
};

export const compileWasm = (wasm: Uint8Array): WebAssembly.Module => new Module(wasm);

export function compileWat(text: string): Uint8Array {
  const parsed = wabt.parseWat("test.wat", text, FEATURES);
  try {
    // A copy, because wabt's bytes lie in its own memory.
    return parsed.toBinary({ write_debug_names: true }).buffer.slice();
  } finally {
    parsed.destroy();
  }
}

export const readWat = (name: string): Uint8Array => compileWat(readFileSync(fileURLToPath(new URL(name, import.meta.url).href), "utf8"));

/** A module with an empty `_start` and one page of memory, and `more` beside them. */
export const wat = (more: string, start = ""): string => `(module ${more} (memory (export "memory") 1) (func (export "_start") ${start}))`;
