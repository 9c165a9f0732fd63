/** Compiles, meters and runs a module in one go. */
import { meter } from "../../../shared/metering/meter.ts";
import type { PartOutcome, PartRun } from "../../../workers/runner/part-host.ts";
import { runPart } from "../../../workers/runner/part-host.ts";
import { compileWasm, compileWat } from "../../wasm/compile-wat.ts";

export const encoder = new TextEncoder();
export const decoder = new TextDecoder();
export const defaults: PartRun = {
  stdin: new Uint8Array(),
  exchanges: [],
  fuel: 1_000_000,
  nowMs: 1_700_000_000_123,
  seed: Uint8Array.from([1, 2, 3]),
  maxStdoutBytes: 1000,
};

export const compile = (wasm: Uint8Array): WebAssembly.Module => compileWasm(meter(wasm, { maxMemoryPages: 16 }).slice());
export const run = (text: string, options: Partial<PartRun> = {}): PartOutcome =>
  runPart(compile(compileWat(text)), { ...defaults, ...options });

/** How a run ended, in short: the code of its error, or its kind. */
export const ended = (outcome: PartOutcome): string => (outcome.kind === "failed" ? outcome.error.code : outcome.kind);
