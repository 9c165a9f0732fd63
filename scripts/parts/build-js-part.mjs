/** Loads a bundled program into the engine and keeps what that changed in its memory: no call has to read the program again. */
import { loadTs } from "../load-ts.mjs";
import { exportsOf, instantiate } from "./build-engine.mjs";

const COMPILE_MODULE = 1;
const STRIP_SOURCE = 1 << 4;
/** A new stretch costs 8 bytes and a call when the image is applied: sixteen thousand of them doubled the time of a run. */
const MAX_GAP_BYTES = 64;

/** Resolves to the bytes of the image. @throws Error when the program does not load, or lacks its default export */
export async function buildImage(source, { module, vm }) {
  const [{ encodeImage }, { findRuns }] = await Promise.all(["workers/runner/js-program.ts", "shared/metering/memory-runs.ts"].map(loadTs));
  const compiled = compile(source, module, vm);
  const engine = instantiate(module, vm);
  const fresh = new Uint8Array(engine.memory.buffer).slice();
  const at = vm.copyIn(engine, compiled);
  const promise = engine.qjs_eval_bytecode(at, compiled.length);
  new Uint8Array(engine.memory.buffer).fill(0, at, at + compiled.length); // what is freed would lie in the image
  engine.wasm_free(at);
  exportsOf(engine, promise, vm);
  engine.qjs_run_gc();
  const memory = new Uint8Array(engine.memory.buffer);
  const stretches = findRuns(memory, fresh, MAX_GAP_BYTES).map(({ start, end }) => ({ at: start, bytes: memory.subarray(start, end) }));
  return encodeImage({ program: promise, pages: memory.length / 65_536 }, stretches);
}

/** In an engine of its own, so that none of it is left in the image. */
function compile(source, module, vm) {
  const engine = instantiate(module, vm);
  const bytes = new TextEncoder().encode(source);
  const lengthAt = engine.wasm_malloc(4);
  const name = vm.copyIn(engine, new TextEncoder().encode("main.js"));
  const at = engine.qjs_compile(vm.copyIn(engine, bytes), bytes.length, name, COMPILE_MODULE, STRIP_SOURCE, lengthAt);
  if (at === 0) throw new Error("the program is no JavaScript that the engine can read");
  return new Uint8Array(engine.memory.buffer, at, new DataView(engine.memory.buffer).getUint32(lengthAt, true)).slice();
}
