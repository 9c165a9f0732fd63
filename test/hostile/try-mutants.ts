/** Judges one mutant after another, and says what is wrong with any. Runs in a process of its own, see try-mutants.mjs. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runPart } from "../../workers/runner/part-host.ts";
import { admitModule } from "../../shared/metering/admit-module.ts";
import { createReader, readU32 } from "../../shared/metering/binary-reader.ts";
import { u32 } from "../../shared/metering/binary-writer.ts";
import { SECTION, readSections } from "../../shared/metering/module-sections.ts";
import { join as joinBytes } from "../wasm/raw-module.ts";
import { runBare } from "../workers/runner/run-bare.ts";
import { compileWasm } from "../wasm/compile-wat.ts";
import { LIMITS, RUN, judge } from "./judge.ts";
import { mutate, readBases } from "./mutate.ts";

const FUEL = 100_000;
const NO_ERRORS = new Set(["success", "pending", "called"]);

/** `codes` counts how the mutants ended; `problems` names each defect with the seed of its mutant. */
export type Tried = { readonly codes: Record<string, number>; readonly problems: string[] };

/** Tries the seeds from..to; `beginning` is told each one before it is tried. */
export function tryMutants(root: string, from: number, to: number, beginning: (seed: number) => void): Tried {
  const bases = readBases(root);
  const tried: Tried = { codes: {}, problems: [] };
  for (let seed = from; seed < to; seed += 1) {
    beginning(seed);
    try {
      const code = tryOne(mutate(bases, seed), root);
      tried.codes[code] = (tried.codes[code] ?? 0) + 1;
    } catch (error) {
      tried.problems.push(`seed ${seed}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  return tried;
}

function tryOne(wasm: Uint8Array, root: string): string {
  const verdict = judge(wasm, { fuel: FUEL });
  const { code, message, fuelUsed } = verdict;
  if (!NO_ERRORS.has(code) && !existsSync(join(root, "docs/errors", `${code}.md`))) throw new Error(`${code} is not documented`);
  if (code.startsWith("wasm.")) return code;
  if (fuelUsed > FUEL) throw new Error(`it used ${fuelUsed} of ${FUEL}`);
  // How deep a recursion goes is the engine's choice.
  if (message.includes("too deeply")) return "too deep";
  const again = judge(wasm, { fuel: FUEL });
  if (JSON.stringify(again) !== JSON.stringify(verdict)) throw new Error(`${JSON.stringify(verdict)}, then ${JSON.stringify(again)}`);
  if (code !== "part.out_of_fuel" && code !== "called") compareWithBare(wasm);
  return code;
}

/** The same module with a maximum to its memory, as metering sets one: all that may differ between the two. */
function withMaximum(wasm: Uint8Array): Uint8Array {
  const range = readSections(wasm).ranges.get(SECTION.memory);
  if (range === undefined) return wasm;
  const reader = createReader(wasm, range.start + 1, range.end);
  const [flags, min] = [readU32(reader), readU32(reader)];
  const max = flags === 1 ? Math.min(readU32(reader), LIMITS.maxMemoryPages) : LIMITS.maxMemoryPages;
  const content = joinBytes([1, 1], u32(min), u32(max));
  // The length of the section is a number before it, of as many bytes as it has been written with.
  let start = range.start - 1;
  while (wasm[start - 1] !== undefined && (wasm[start - 1] ?? 0) >= 0x80) start -= 1;
  return joinBytes(wasm.subarray(0, start), u32(content.length), content, wasm.subarray(range.end));
}

/** What ends within its fuel ends without metering, too, and in the same way. */
function compareWithBare(wasm: Uint8Array): void {
  if (WebAssembly.Module.imports(compileWasm(wasm)).some(({ module }) => module === "arcrun")) return;
  const metered = runPart(compileWasm(admitModule(wasm, LIMITS)), { ...RUN, fuel: FUEL });
  const bare = runBare(withMaximum(wasm), RUN);
  const stdout = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
  if (metered.kind === "answered") {
    const isSame = (bare.ending === "returned" || bare.ending === "exit 0") && stdout(bare.stdout) === stdout(metered.stdout);
    if (!isSame) throw new Error(`it answered; bare: ${bare.ending}`);
  } else if (metered.kind === "failed" && metered.error.code === "part.trapped" && bare.ending !== metered.error.message) {
    throw new Error(`${metered.error.message}; bare: ${bare.ending}`);
  }
}
