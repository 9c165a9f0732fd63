import { ArcrunError } from "../model/errors.ts";
import type { Reader } from "./binary-reader.ts";
import { readSized, readU32 } from "./binary-reader.ts";
import { createWriter, u32, writeBytes, writeSized, written } from "./binary-writer.ts";
import { meter } from "./meter.ts";
import { SECTION, SECTION_ORDER, openSection, readSections } from "./module-sections.ts";
import { OP } from "./opcodes.ts";

/**
 * All that stands between a module that somebody brings and its running as a part: reads it, refuses what a part may not have, meters it,
 * and has the engine check its types. Gives the metered bytes, which are valid.
 * @throws ArcrunError `wasm.invalid`, `wasm.feature_denied`, `wasm.import_denied`, `wasm.memory`, `wasm.too_large`; message and details name the culprit
 */
export function admitModule(wasm: Uint8Array, limits: { readonly maxMemoryPages: number }): Uint8Array {
  const metered = meter(wasm, limits);
  if (WebAssembly.validate(metered)) return metered;
  const culprit = findInvalidFunction(wasm);
  const where = culprit === undefined ? "outside of its functions" : `in function ${culprit}`;
  throw new ArcrunError("wasm.invalid", `the module is not valid WASM: the types do not fit ${where}`, {
    details: culprit === undefined ? {} : { function: culprit },
  });
}

/**
 * The number of the first function whose body the engine refuses. `validate` says yes or no, and a Worker may not compile, which would
 * say why; so bodies are replaced by one that is always valid until the engine agrees, by halves.
 */
function findInvalidFunction(wasm: Uint8Array): number | undefined {
  const sections = readSections(wasm);
  const bodies = readBodies(openSection(sections, SECTION.code));
  const isValidUpTo = (count: number): boolean => {
    const out = createWriter(wasm.length + 64);
    writeBytes(out, wasm.subarray(0, 8));
    for (const id of SECTION_ORDER) {
      const range = sections.ranges.get(id);
      if (range === undefined) continue;
      writeBytes(out, [id]);
      writeSized(out, id === SECTION.code ? stubbed(bodies, count) : wasm.subarray(range.start, range.end));
    }
    return WebAssembly.validate(written(out));
  };
  if (!isValidUpTo(0)) return undefined;
  let [valid, invalid] = [0, bodies.length];
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (isValidUpTo(middle)) valid = middle;
    else invalid = middle;
  }
  return countImports(openSection(sections, SECTION.import)) + valid;
}

function readBodies(reader: Reader): Uint8Array[] {
  return Array.from({ length: readU32(reader) }, () => {
    const { bytes, position, end } = readSized(reader);
    return bytes.subarray(position, end);
  });
}

/** Imports can be functions only, or meter() would have refused the module. */
const countImports = (reader: Reader): number => (reader.position < reader.end ? readU32(reader) : 0);

/** A code section with the first `count` of these bodies, and behind them some that trap. */
function stubbed(bodies: readonly Uint8Array[], count: number): Uint8Array {
  const out = createWriter();
  writeBytes(out, u32(bodies.length));
  bodies.forEach((body, index) => writeSized(out, index < count ? body : [0, OP.unreachable, OP.end]));
  return written(out);
}
