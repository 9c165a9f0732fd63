/**
 * Builds the JavaScript engine: QuickJS as quickjs-wasi has it, metered, started once, and frozen as it then is. So a fresh one
 * costs what a new instance costs. The same sources give the same bytes, everywhere.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { loadTs } from "../load-ts.mjs";
import { bundleProgram } from "./bundle-program.mjs";
import { builtDigest, filesOf, keepBuilt, keyOf, root } from "./built-files.mjs";

export const ENGINE_NAME = "js-engine";
const PACKAGE = "node_modules/quickjs-wasi";
const MAX_PAGES = 64 * 16;
/** JavaScript that goes deeper gets a RangeError. The engine's own stack is 1 MiB; that of the host must last longer than this. */
const MAX_STACK_BYTES = 112 * 1024;
const FUEL = 10n ** 12n;
/** What the clock shows while programs are loaded: 2000-01-01. */
const BUILD_MS = Date.UTC(2000, 0, 1);
const EVALUATE_MODULE = 1;

/** Resolves to `{ module, digest, vm }`; `vm` is `js-engine.ts`, by which the module is driven. */
export async function buildEngine({ quiet = false } = {}) {
  const vm = await loadTs("workers/runner/js-engine.ts");
  const runtime = await bundleProgram("parts/sdk-js/runtime.ts");
  const files = [
    ...(await filesOf("shared/metering")),
    "workers/runner/js-engine.ts",
    "scripts/parts/build-engine.mjs",
    `${PACKAGE}/package.json`,
    `${PACKAGE}/quickjs.wasm`,
  ];
  const key = await keyOf(files, runtime);
  const path = join(root, "generated", "parts", `${ENGINE_NAME}.wasm`);
  let digest = await builtDigest(ENGINE_NAME, "wasm", key);
  if (digest === undefined) {
    const frozen = await freeze(runtime, vm);
    digest = await keepBuilt(ENGINE_NAME, "wasm", key, frozen);
    if (!quiet) console.log(`JavaScript engine: ${frozen.length} bytes, ${digest.slice(0, 12)}`);
  }
  return { module: new WebAssembly.Module(await readFile(path)), digest, vm };
}

async function freeze(runtime, vm) {
  const [{ meter }, { ENGINE_RULES }, { freezeModule }] = await Promise.all(
    ["meter", "engine-rules", "freeze-module"].map((file) => loadTs(`shared/metering/${file}.ts`)),
  );
  const metered = meter(await readFile(join(root, PACKAGE, "quickjs.wasm")), { maxMemoryPages: MAX_PAGES }, ENGINE_RULES);
  const module = new WebAssembly.Module(metered);
  const engine = createEngine(module, vm);
  const restingPointer = engine.__stack_pointer.value;
  engine.qjs_set_max_stack_size(MAX_STACK_BYTES);
  const start = engine.qjs_dup_value(bootRuntime(engine, runtime, vm));
  engine.qjs_run_gc();
  if (engine.__stack_pointer.value !== restingPointer) throw new Error("the engine is not at rest");
  return freezeModule(metered, {
    memory: new Uint8Array(engine.memory.buffer),
    exports: new Set(["memory", "arcrun_fuel", "arcrun_memory_refused", "arcrun_max_pages", ...vm.ENGINE_FUNCTIONS]),
    constants: { [vm.START_EXPORT]: start, [vm.RANDOM_EXPORT]: findRandomState(module, vm) },
  });
}

/** An engine for the build: it has fuel, and asks the host for nothing but the time. */
export function instantiate(module, vm, nowMs = BUILD_MS) {
  const call = (name) => {
    throw new Error(`a program calls the host (${name}) while it is loaded; it may do so when it runs`);
  };
  const engine = new WebAssembly.Instance(module, vm.engineImports({ engine: () => engine, nowMs, call })).exports;
  engine.arcrun_fuel.value = FUEL;
  return engine;
}

/** One that was not frozen, so it has to be started. */
function createEngine(module, vm, nowMs = BUILD_MS) {
  const engine = instantiate(module, vm, nowMs);
  engine._initialize();
  if (engine.qjs_init() !== 0) throw new Error("QuickJS does not start");
  return engine;
}

/** Where the state of Math.random lies: in what depends on the moment of the start, and is changed by a draw. */
function findRandomState(module, vm) {
  const wordsOf = (engine) => new Uint32Array(engine.memory.buffer).slice();
  const [one, other] = [BUILD_MS, BUILD_MS + 123_456_789].map((nowMs) => createEngine(module, vm, nowMs));
  const [before, elsewhere] = [one, other].map(wordsOf);
  const source = new TextEncoder().encode("Math.random()");
  one.qjs_eval(vm.copyIn(one, source), source.length, vm.copyIn(one, new TextEncoder().encode("draw")), 0);
  const after = wordsOf(one);
  const top = one.__stack_pointer.value;
  const found = [...before.keys()].filter((word) => word * 4 >= top && before[word] !== elsewhere[word] && before[word] !== after[word]);
  const at = (found[0] ?? 0) * 4;
  if (found.length !== 2 || found[1] !== found[0] + 1 || at % 8 !== 0)
    throw new Error(`the state of Math.random was looked for in the engine's memory, and found at the words ${found.join(", ")}`);
  return at;
}

function bootRuntime(engine, runtime, vm) {
  const exported = exportsOf(engine, vm.evaluateModule(engine, runtime, "arcrun"), vm);
  const boot = engine.qjs_get_prop_string(exported, vm.copyIn(engine, new TextEncoder().encode("default")));
  const host = vm.HOST_FUNCTIONS.map((name) => {
    const bytes = new TextEncoder().encode(name);
    return engine.qjs_new_host_function(vm.copyIn(engine, bytes), bytes.length, 0);
  });
  const start = vm.call(engine, boot, host);
  if (engine.qjs_is_exception(start)) throw new Error(`the runtime does not start: ${shown(engine, engine.qjs_get_exception(), vm)}`);
  return start;
}

/** The exports of a module, of whose evaluation this is the promise. @throws Error when it was not evaluated */
export function exportsOf(engine, promise, vm) {
  if (engine.qjs_is_exception(promise)) throw new Error(shown(engine, engine.qjs_get_exception(), vm));
  vm.runJobs(engine);
  const result = engine.qjs_promise_result(promise);
  if (engine.qjs_promise_state(promise) !== EVALUATE_MODULE) throw new Error(shown(engine, result, vm));
  return result;
}

function shown(engine, thrown, vm) {
  const text = (value) => new TextDecoder().decode(vm.textBytes(engine, value));
  const stack = engine.qjs_get_prop_string(thrown, vm.copyIn(engine, new TextEncoder().encode("stack")));
  return `${text(thrown)}\n${text(stack)}`;
}
