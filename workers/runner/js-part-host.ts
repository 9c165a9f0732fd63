import type { ErrorCode } from "../../shared/model/errors.ts";
import { isRetryable } from "../../shared/model/errors.ts";
import { createWriter, writeBytes } from "../../shared/metering/binary-writer.ts";
import type { Engine, Value } from "./js-engine.ts";
import { RANDOM_EXPORT, START_EXPORT, call, bytesAt, engineImports, evaluateModule, newText, runJobs, textBytes } from "./js-engine.ts";
import { applyImage } from "./js-program.ts";
import type { PartOutcome, PartRun } from "./part-host.ts";
import { createSeededRandom } from "./seeded-random.ts";
import { stderrText } from "./stderr-text.ts";
import type { Written } from "./wasi.ts";
import { BYTES_PER_FUEL, FUEL_PER_CALL, MAX_STDERR_BYTES } from "./wasi.ts";

/*
 * Runs one JavaScript part in a fresh engine. The contract is that of `runPart`, with the same invariants:
 * 1. The same program, input and exchanges give the same outcome and the same fuel. (How deep the engine's own recursion may go
 *    before it traps is up to the machine; that of JavaScript ends before, in a RangeError of its own.)
 * 2. Once the part was stopped, nothing of it runs again: what unwinds it cannot be caught inside.
 * 3. Nothing that a program does throws out of here.
 */

/** A program: an image made by the build, or the source of one module whose default export is the part. */
export type JsProgram = { readonly memoryMib: number } & ({ readonly image: Uint8Array } | { readonly source: string });

type Stop =
  | { readonly kind: "answered"; readonly stdout: Uint8Array }
  | { readonly kind: "called"; readonly request: Uint8Array }
  | { readonly kind: "output_too_large" }
  | { readonly kind: "out_of_fuel" }
  | { readonly kind: "out_of_memory" }
  | { readonly kind: "trapped"; readonly message: string };

/** What is known of a run while it goes on. `budget` may be lowered by the program itself. */
type State = {
  readonly run: PartRun;
  readonly written: Written;
  engine: Engine | undefined;
  budget: number;
  calls: number;
  stopped: Stop | undefined;
};

const PAGES_PER_MIB = 16;
const RANDOM_BYTES = 8;
const SOURCE_NAME = "main.js";
const STOPPED = new Error("the part was stopped");

/** Runs a program on a frozen engine until it answers, calls, or fails. Synchronous; takes as long as the fuel lasts. */
export function runJsPart(module: WebAssembly.Module, program: JsProgram, run: PartRun): PartOutcome {
  const budget = Math.max(0, Math.trunc(run.fuel));
  const written: Written = { stdout: createWriter(0), stderr: createWriter(0), stderrBytes: 0 };
  const state: State = { run, written, engine: undefined, budget, calls: 0, stopped: undefined };
  try {
    state.engine = instantiate(module, state);
    start(state.engine, program, state);
  } catch (thrown) {
    if (thrown !== STOPPED) state.stopped = reasonOf(thrown);
  }
  if (state.stopped === undefined || state.stopped.kind === "trapped") state.stopped = noteRefusal(state);
  return outcomeOf(state);
}

function instantiate(module: WebAssembly.Module, state: State): Engine {
  const engine = (): Engine => state.engine ?? stop(state, { kind: "trapped", message: "the engine called before it was there" });
  const imports = engineImports({
    engine,
    nowMs: state.run.nowMs,
    call: (name, args) => perform(engine(), state, name, args),
  });
  // The build froze exactly these exports into the one module that comes here.
  return new WebAssembly.Instance(module, imports).exports as unknown as Engine;
}

function start(engine: Engine, program: JsProgram, state: State): void {
  engine.arcrun_max_pages.value = Math.min(engine.arcrun_max_pages.value, program.memoryMib * PAGES_PER_MIB);
  engine.arcrun_fuel.value = BigInt(state.budget);
  const image = "image" in program ? applyImage(engine, program.image) : undefined;
  seedRandom(engine, state.run.seed);
  const loaded = "source" in program ? load(engine, program.source, state) : (image ?? 0);
  charge(engine, state, FUEL_PER_CALL + state.run.stdin.length / BYTES_PER_FUEL);
  const input = newText(engine, state.run.stdin) ?? stop(state, { kind: "out_of_memory" });
  call(engine, engine[START_EXPORT].value, [loaded, input]);
  runJobs(engine);
}

/** The promise of the program's exports, or what was thrown instead of it. */
function load(engine: Engine, source: string, state: State): Value {
  charge(engine, state, FUEL_PER_CALL + source.length / BYTES_PER_FUEL);
  const loaded = evaluateModule(engine, source, SOURCE_NAME) ?? stop(state, { kind: "out_of_memory" });
  return engine.qjs_is_exception(loaded) ? engine.qjs_get_exception() : loaded;
}

function seedRandom(engine: Engine, seed: Uint8Array): void {
  const target = bytesAt(engine, engine[RANDOM_EXPORT].value, RANDOM_BYTES);
  createSeededRandom(seed)(target);
  target[0] = (target[0] ?? 0) | 1; // zeros alone would stay zeros
}

/** The functions that `parts/sdk-js/runtime.ts` was given. */
function perform(engine: Engine, state: State, name: string, args: readonly Value[]): Value {
  const [first = 0, second = 0] = args;
  switch (name) {
    case "call": {
      const request = read(engine, state, first);
      const exchange = state.run.exchanges[state.calls];
      if (exchange === undefined) return stop(state, { kind: "called", request });
      state.calls += 1;
      charge(engine, state, exchange.resultBytes.length / BYTES_PER_FUEL);
      return newText(engine, exchange.resultBytes) ?? stop(state, { kind: "out_of_memory" });
    }
    case "answer": {
      const stdout = read(engine, state, first);
      return stop(state, stdout.length > state.run.maxStdoutBytes ? { kind: "output_too_large" } : { kind: "answered", stdout });
    }
    case "log":
      log(state.written, read(engine, state, first));
      return 0;
    case "limit":
      lower(engine, state, engine.qjs_get_float64(first), engine.qjs_get_float64(second));
      return 0;
    default:
      charge(engine, state, FUEL_PER_CALL);
      if (name === "ran_out" && engine.arcrun_memory_refused.value === 1) stop(state, { kind: "out_of_memory" });
      return 0;
  }
}

function read(engine: Engine, state: State, text: Value): Uint8Array {
  const bytes = textBytes(engine, text) ?? stop(state, { kind: "out_of_memory" });
  charge(engine, state, FUEL_PER_CALL + bytes.length / BYTES_PER_FUEL);
  return bytes;
}

function log(written: Written, bytes: Uint8Array): void {
  const room = MAX_STDERR_BYTES - written.stderrBytes;
  written.stderrBytes += bytes.length;
  if (room > 0) writeBytes(written.stderr, bytes.subarray(0, room));
}

/** Limits only ever fall: what is not a lower number changes nothing. */
function lower(engine: Engine, state: State, fuel: number, memoryMib: number): void {
  charge(engine, state, FUEL_PER_CALL);
  if (memoryMib >= 0) engine.arcrun_max_pages.value = Math.min(engine.arcrun_max_pages.value, Math.floor(memoryMib * PAGES_PER_MIB));
  if (!(fuel >= 0 && fuel < state.budget)) return;
  const budget = Math.floor(fuel);
  engine.arcrun_fuel.value -= BigInt(state.budget - budget);
  state.budget = budget;
  charge(engine, state, 0);
}

function charge(engine: Engine, state: State, cost: number): void {
  engine.arcrun_fuel.value -= BigInt(Math.ceil(cost));
  if (engine.arcrun_fuel.value < 0n) stop(state, { kind: "out_of_fuel" });
}

function stop(state: State, reason: Stop): never {
  state.stopped = reason;
  throw STOPPED;
}

/** What the engine threw, sorted: a trap, a recursion of its own that went too deep, or memory that could not be had. */
function reasonOf(thrown: unknown): Stop {
  if (thrown instanceof WebAssembly.RuntimeError) return { kind: "trapped", message: thrown.message };
  if (!(thrown instanceof RangeError)) throw thrown;
  if (thrown.message.includes("call stack")) return { kind: "trapped", message: "the recursion went too deep" };
  return { kind: "out_of_memory" };
}

/** An engine that was refused memory may trap, or lose its answer. */
function noteRefusal({ engine, stopped }: State): Stop | undefined {
  return engine?.arcrun_memory_refused.value === 1 ? { kind: "out_of_memory" } : stopped;
}

function outcomeOf({ engine, run, written, budget, stopped }: State): PartOutcome {
  const left = engine === undefined ? budget : Number(engine.arcrun_fuel.value);
  const fuelUsed = budget - Math.max(0, left);
  const stderr = stderrText(written);
  const failed = (code: ErrorCode, message: string): PartOutcome => ({
    kind: "failed",
    error: { code, message, retryable: isRetryable(code) },
    stderr,
    fuelUsed,
  });
  const mib = (engine?.arcrun_max_pages.value ?? 0) / PAGES_PER_MIB;
  // Code inside a loop does not check what is left, so a part may end in debt.
  if (left < 0 || stopped?.kind === "out_of_fuel") return failed("part.out_of_fuel", `the part used up its ${budget} instructions of fuel`);
  switch (stopped?.kind) {
    case "answered":
      return { kind: "answered", stdout: stopped.stdout, stderr, fuelUsed };
    case "called":
      return { kind: "called", request: stopped.request, fuelUsed };
    case "output_too_large":
      return failed("part.output_too_large", `the part answered with more than ${run.maxStdoutBytes} bytes`);
    case "out_of_memory":
      return failed("part.out_of_memory", `the part may have ${mib} MiB of memory and wanted more`);
    case "trapped":
      return failed("part.trapped", stopped.message);
    case undefined:
      return failed("part.bad_output", "the part ended without an answer: it awaits a promise that nothing will ever settle");
  }
}
