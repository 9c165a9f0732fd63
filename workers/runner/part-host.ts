import type { ErrorCode, ErrorInfo } from "../../shared/model/errors.ts";
import { ArcrunError, isRetryable } from "../../shared/model/errors.ts";
import { written as bytesOf } from "../../shared/metering/binary-writer.ts";
import { FUEL_EXPORT, REFUSED_EXPORT } from "../../shared/metering/inspect-module.ts";
import { stderrText } from "./stderr-text.ts";
import type { StopReason, Written } from "./wasi.ts";
import { BYTES_PER_FUEL, FUEL_PER_CALL, createWasi, slice } from "./wasi.ts";

/*
 * Runs one part, from its start, in a fresh instance. What must stay true:
 * 1. The same module, input and exchanges give the same outcome and the same fuel. (The one exception is how deep the engine lets
 *    a recursion go before it traps.)
 * 2. Once the part was stopped, for whatever reason, nothing of it runs again: the signal that unwinds it cannot be caught in WASM,
 *    because exception handling is refused.
 * 3. Nothing that a part does throws out of here. What does throw is a defect of ours.
 */

/** `fuel` is the budget in instructions; `nowMs` what the clock shows, since 1970; `seed` decides all randomness. */
export type PartRun = {
  readonly stdin: Uint8Array;
  /** The answers to the first calls, in order. */
  readonly exchanges: readonly { readonly resultBytes: Uint8Array }[];
  readonly fuel: number;
  readonly nowMs: number;
  readonly seed: Uint8Array;
  readonly maxStdoutBytes: number;
};

/** `called`: the part made a call that has no recorded answer; it is to be run again with one more exchange. */
export type PartOutcome =
  | {
      readonly kind: "answered";
      readonly stdout: Uint8Array;
      readonly stderr: string;
      readonly fuelUsed: number;
    }
  | { readonly kind: "called"; readonly request: Uint8Array; readonly fuelUsed: number }
  | {
      readonly kind: "failed";
      readonly error: ErrorInfo;
      readonly stderr: string;
      readonly fuelUsed: number;
    };

/** How a part ended: by `stop`, by the engine's trap, by a memory that the engine could not give, or by itself. */
type Ending = StopReason | { readonly kind: "no_memory"; readonly message: string } | { readonly kind: "returned" };
type Part = {
  readonly memory: WebAssembly.Memory;
  readonly fuel: WebAssembly.Global;
  readonly refused: WebAssembly.Global;
  readonly start: () => void;
};

const STDERR_IN_MESSAGE_CHARS = 500;
/** What unwinds a part that is stopped. Made once: an error that knows its stack costs more than a small part. */
const STOPPED = new Error("the part was stopped");
/** The WASI functions that a module wants, so that the others need not be made for each run. */
const wanted = new WeakMap<WebAssembly.Module, ReadonlySet<string>>();

function importedBy(module: WebAssembly.Module): ReadonlySet<string> {
  const known = wanted.get(module);
  if (known !== undefined) return known;
  const names = new Set(WebAssembly.Module.imports(module).map(({ name }) => name));
  wanted.set(module, names);
  return names;
}

/**
 * Runs a metered module until it answers, calls, or fails. Synchronous; takes as long as the fuel lasts.
 * @throws ArcrunError `internal_error` when the module was not metered
 */
export function runPart(module: WebAssembly.Module, run: PartRun): PartOutcome {
  let part: Part | undefined;
  let stopped: StopReason | undefined;
  const stop = (reason: StopReason): never => {
    stopped = reason;
    throw STOPPED;
  };
  let bytes = new Uint8Array();
  const memory = (): Uint8Array => {
    if (part !== undefined && bytes.buffer !== part.memory.buffer) bytes = new Uint8Array(part.memory.buffer);
    return bytes;
  };
  const charge = (cost: number): void => {
    if (part === undefined) return;
    part.fuel.value -= BigInt(Math.ceil(cost));
    if (part.fuel.value < 0n) stop({ kind: "out_of_fuel" });
  };
  const access = { memory, charge, stop };
  const wasi = createWasi(run, access, importedBy(module));
  let ending: Ending = { kind: "returned" };
  try {
    part = instantiate(module, {
      wasi_snapshot_preview1: wasi.functions,
      arcrun: arcrunFunctions(run, access),
    });
    part.fuel.value += BigInt(Math.max(0, Math.trunc(run.fuel)));
    part.start();
  } catch (thrown) {
    ending = thrown === STOPPED && stopped !== undefined ? stopped : endingOf(thrown);
  }
  return outcomeOf(ending, part, { run, written: wasi.written });
}

function instantiate(module: WebAssembly.Module, imports: Record<string, Record<string, unknown>>): Part {
  // The functions take numbers and big integers, as their WASM types say; meter() checked those.
  const instance = new WebAssembly.Instance(module, imports as WebAssembly.Imports);
  const { memory, _start: start, [FUEL_EXPORT]: fuel, [REFUSED_EXPORT]: refused } = instance.exports;
  const isMetered =
    memory instanceof WebAssembly.Memory &&
    fuel instanceof WebAssembly.Global &&
    refused instanceof WebAssembly.Global &&
    typeof start === "function";
  if (!isMetered) throw new ArcrunError("internal_error", "a module that was not metered must not run");
  return { memory, fuel, refused, start: () => void start() };
}

function arcrunFunctions(
  { exchanges }: PartRun,
  { memory, charge, stop }: Parameters<typeof createWasi>[1],
): Record<string, (...values: number[]) => number> {
  let calls = 0;
  const range = (name: string, pointer: number, length: number): Uint8Array =>
    slice(memory(), pointer, length) ?? stop({ kind: "trap", message: `arcrun.${name}: memory access out of bounds` });
  const resultOf = (name: string, handle: number): Uint8Array => {
    charge(FUEL_PER_CALL);
    const exchange = handle >= 0 && handle < calls ? exchanges[handle] : undefined;
    return exchange?.resultBytes ?? stop({ kind: "trap", message: `arcrun.${name}: there is no handle ${handle}` });
  };
  return {
    call: (pointer = 0, length = 0) => {
      charge(FUEL_PER_CALL + (length >>> 0) / BYTES_PER_FUEL);
      const request = range("call", pointer, length);
      if (calls >= exchanges.length) return stop({ kind: "called", request: request.slice() });
      calls += 1;
      return calls - 1;
    },
    result_len: (handle = 0) => resultOf("result_len", handle).length,
    result_read: (handle = 0, pointer = 0, length = 0) => {
      const result = resultOf("result_read", handle);
      const count = Math.min(length >>> 0, result.length);
      charge(count / BYTES_PER_FUEL);
      range("result_read", pointer, count).set(result.subarray(0, count));
      return count;
    },
  };
}

/** What the engine threw, sorted. A recursion that goes too deep and a memory that cannot be had are both RangeErrors. */
function endingOf(thrown: unknown): Ending {
  if (thrown instanceof WebAssembly.RuntimeError) return { kind: "trap", message: thrown.message };
  if (!(thrown instanceof RangeError)) throw thrown;
  if (thrown.message.includes("call stack")) return { kind: "trap", message: "the part called itself too deeply" };
  return { kind: "no_memory", message: thrown.message };
}

function outcomeOf(
  ending: Ending,
  part: Part | undefined,
  { run, written }: { readonly run: PartRun; readonly written: Written },
): PartOutcome {
  const left = part === undefined ? run.fuel : Number(part.fuel.value);
  const fuelUsed = run.fuel - Math.max(0, left);
  const failed = (code: ErrorCode, message: string): PartOutcome => {
    return {
      kind: "failed",
      error: { code, message, retryable: isRetryable(code) },
      stderr: stderrText(written),
      fuelUsed,
    };
  };
  // Segments inside a loop do not check what is left, so a part may end in debt.
  if (left < 0) return failed("part.out_of_fuel", `the part used up its ${run.fuel} instructions of fuel`);
  const wasRefused = part?.refused.value === 1;
  const limit = (part?.memory.buffer.byteLength ?? 0) / 2 ** 20;
  const outOfMemory = (how: string): PartOutcome =>
    failed("part.out_of_memory", `the part had ${limit} MiB of memory, was refused more, and ended: ${how}`);
  switch (ending.kind) {
    case "called":
      return { kind: "called", request: ending.request, fuelUsed };
    case "output_too_large":
      return failed("part.output_too_large", `the part wrote more than ${run.maxStdoutBytes} bytes on stdout`);
    case "out_of_fuel":
      return failed("part.out_of_fuel", `the part used up its ${run.fuel} instructions of fuel`);
    case "no_memory":
      return outOfMemory(ending.message);
    case "trap":
      return wasRefused ? outOfMemory(ending.message) : failed("part.trapped", ending.message);
    case "exit":
      if (ending.code !== 0) return exited(ending.code, wasRefused ? outOfMemory : (how) => failed("part.exited", how), written);
      return {
        kind: "answered",
        stdout: bytesOf(written.stdout).slice(),
        stderr: stderrText(written),
        fuelUsed,
      };
    case "returned":
      return {
        kind: "answered",
        stdout: bytesOf(written.stdout).slice(),
        stderr: stderrText(written),
        fuelUsed,
      };
  }
}

function exited(code: number, failed: (how: string) => PartOutcome, written: Written): PartOutcome {
  const tail = stderrText(written).trim().slice(-STDERR_IN_MESSAGE_CHARS);
  return failed(`exit code ${code}${tail === "" ? "" : `: ${tail}`}`);
}
