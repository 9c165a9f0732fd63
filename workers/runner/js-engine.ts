/** The JavaScript engine (QuickJS, see `docs/decisions/0009`) as the host sees it: what the build left of its exports, and values in its memory. */

/** An address in the engine's memory. A `Value` is that of a boxed JavaScript value, which is never freed: the instance lives for one run. */
export type Address = number;
export type Value = Address;

/** Exported by a frozen engine: the function that runs a program, and where the state of `Math.random` lies. */
export const START_EXPORT = "arcrun_start";
export const RANDOM_EXPORT = "arcrun_random";

export const ENGINE_FUNCTIONS = [
  "wasm_malloc",
  "wasm_free",
  "qjs_new_string",
  "qjs_get_string_len",
  "qjs_free_cstring",
  "qjs_get_float64",
  "qjs_get_undefined",
  "qjs_dup_value",
  "qjs_call",
  "qjs_eval",
  "qjs_eval_bytecode",
  "qjs_compile",
  "qjs_promise_state",
  "qjs_promise_result",
  "qjs_get_prop_string",
  "qjs_run_gc",
  "qjs_is_exception",
  "qjs_get_exception",
  "qjs_is_job_pending",
  "qjs_execute_pending_job",
] as const;

/** All parameters and results are numbers; what gives nothing gives 0. */
export type EngineFunctions = Readonly<Record<(typeof ENGINE_FUNCTIONS)[number], (...values: number[]) => number>>;

export type Engine = EngineFunctions & {
  readonly memory: WebAssembly.Memory;
  readonly arcrun_fuel: { value: bigint };
  readonly arcrun_memory_refused: { readonly value: number };
  readonly arcrun_max_pages: { value: number };
  readonly [START_EXPORT]: { readonly value: Value };
  readonly [RANDOM_EXPORT]: { readonly value: Address };
};

/** What the engine asks of the host. `call` is a call of one of the functions in HOST_FUNCTIONS; 0 gives the program `undefined`. */
export type EngineHost = {
  readonly engine: () => Engine;
  readonly nowMs: number;
  readonly call: (name: string, args: readonly Value[]) => Value;
};

/** What the build gives to `parts/sdk-js/runtime.ts`, in this order. */
export const HOST_FUNCTIONS = ["call", "answer", "log", "limit", "ran_out"] as const;

const EVALUATE_MODULE = 1;
const BAD_DESCRIPTOR = 8;
const NS_PER_MS = 1_000_000n;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The bytes from this address on. @throws RangeError when they lie outside the memory, which only a defect of the engine can bring about */
export function bytesAt(engine: Engine, at: Address, length: number): Uint8Array {
  return new Uint8Array(engine.memory.buffer, at >>> 0, length >>> 0);
}

export function engineImports({ engine, nowMs, call }: EngineHost): WebAssembly.Imports {
  const view = (): DataView => new DataView(engine().memory.buffer);
  const called = (name: Address, length: number, _this: Value, count: number, list: Address): Value => {
    const args = Array.from({ length: count }, (_, index) => view().getUint32((list >>> 0) + index * 4, true));
    const result = call(decoder.decode(bytesAt(engine(), name, length)), args);
    return result === 0 ? engine().qjs_dup_value(engine().qjs_get_undefined()) : result;
  };
  return {
    env: {
      host_call: called,
      // The time zone is UTC. The engine is told of no interrupts, rejections and modules.
      host_get_timezone_offset: () => 0,
      host_interrupt: () => 0,
      host_module_load: () => 0,
      host_module_normalize: () => 0,
      host_promise_rejection: () => undefined,
    },
    wasi_snapshot_preview1: {
      clock_time_get: (_clock: number, _precision: bigint, target: Address) => {
        view().setBigUint64(target >>> 0, BigInt(Math.trunc(nowMs)) * NS_PER_MS, true);
        return 0;
      },
      fd_close: () => BAD_DESCRIPTOR,
      fd_fdstat_get: () => BAD_DESCRIPTOR,
      fd_seek: () => BAD_DESCRIPTOR,
      fd_write: () => BAD_DESCRIPTOR,
      random_get: (target: Address, length: number) => {
        bytesAt(engine(), target, length).fill(0);
        return 0;
      },
    },
  };
}

/** Room for so many bytes, or undefined when there is no memory left. */
function allocate(engine: Engine, length: number): Address | undefined {
  return engine.wasm_malloc(length) || undefined;
}

/** Copies bytes into the memory, with a zero behind them. Undefined when there is no memory left. */
export function copyIn(engine: Engine, bytes: Uint8Array): Address | undefined {
  const at = allocate(engine, bytes.length + 1);
  if (at === undefined) return undefined;
  const target = bytesAt(engine, at, bytes.length + 1);
  target.set(bytes);
  target[bytes.length] = 0;
  return at;
}

/** A text of the engine, from UTF-8. */
export function newText(engine: Engine, utf8: Uint8Array): Value | undefined {
  const at = copyIn(engine, utf8);
  if (at === undefined) return undefined;
  const value = engine.qjs_new_string(at, utf8.length);
  engine.wasm_free(at);
  return value === 0 || engine.qjs_is_exception(value) ? undefined : value;
}

/** A text of the engine as UTF-8, copied out. Undefined when there is no memory left to write it as such. */
export function textBytes(engine: Engine, value: Value): Uint8Array | undefined {
  const lengthAt = allocate(engine, 4);
  if (lengthAt === undefined) return undefined;
  const at = engine.qjs_get_string_len(value, lengthAt);
  if (at === 0) return undefined;
  const length = new DataView(engine.memory.buffer).getUint32(lengthAt >>> 0, true);
  const bytes = bytesAt(engine, at, length).slice();
  engine.qjs_free_cstring(at);
  engine.wasm_free(lengthAt);
  return bytes;
}

export function call(engine: Engine, callee: Value, args: readonly Value[]): Value {
  const list = engine.wasm_malloc(args.length * 4 || 4);
  const view = new DataView(engine.memory.buffer);
  args.forEach((arg, index) => view.setUint32((list >>> 0) + index * 4, arg, true));
  return engine.qjs_call(callee, engine.qjs_get_undefined(), args.length, list);
}

/** Evaluates a module; gives a promise of its exports, or an exception. Undefined when there is no memory left. */
export function evaluateModule(engine: Engine, source: string, name: string): Value | undefined {
  const bytes = encoder.encode(source);
  const at = copyIn(engine, bytes);
  const nameAt = copyIn(engine, encoder.encode(name));
  if (at === undefined || nameAt === undefined) return undefined;
  const value = engine.qjs_eval(at, bytes.length, nameAt, EVALUATE_MODULE);
  engine.wasm_free(at);
  return value;
}

/** Runs what promises have to run, until there is nothing left to do. */
export function runJobs(engine: Engine): void {
  while (engine.qjs_is_job_pending()) engine.qjs_execute_pending_job();
}
