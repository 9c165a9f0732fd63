import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { admitModule } from "../../../shared/metering/admit-module.ts";
import { FUEL_EXPORT, REFUSED_EXPORT } from "../../../shared/metering/inspect-module.ts";
import { compileWasm, compileWat } from "../../wasm/compile-wat.ts";
import { countInstructions } from "../../wasm/count-instructions.ts";
import { WORK_GLOBAL, randomModule } from "../../wasm/random-module.ts";

const MODULES = 400;
const PLENTY = 2n ** 60n;

/** All that can be seen of a run: how it ended, its memory, its globals and the length of its table. */
type Seen = { readonly ending: string; readonly memory: string; readonly globals: readonly string[]; readonly table: number };
type Ran = { readonly seen: Seen; readonly work: bigint; readonly left: bigint };

function runOnce(module: WebAssembly.Module, fuel: bigint): Ran {
  const { exports } = new WebAssembly.Instance(module);
  const { memory, table, _start: start, [FUEL_EXPORT]: left, ...globals } = exports;
  if (left instanceof WebAssembly.Global) left.value += fuel;
  if (!(memory instanceof WebAssembly.Memory) || !(table instanceof WebAssembly.Table) || typeof start !== "function")
    throw new Error("not a module of the generator");
  let ending = "returned";
  try {
    start();
  } catch (error) {
    ending = String(error);
  }
  const values = Object.entries(globals)
    .filter(([name]) => name !== REFUSED_EXPORT && name !== "work")
    .map(([name, value]) => `${name} ${value instanceof WebAssembly.Global ? String(value.value) : "?"}`);
  const seen = { ending, memory: digest(new Uint8Array(memory.buffer)), globals: values, table: table.length };
  const work: unknown = exports["work"] instanceof WebAssembly.Global ? exports["work"].value : 0n;
  return { seen, work: typeof work === "bigint" ? work : 0n, left: left instanceof WebAssembly.Global ? BigInt(left.value) : 0n };
}

const digest = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Runs a seed's module as it is and metered. What is wrong is said with the seed, from which the module can be made again. */
function compare(seed: number): string[] {
  const problems: string[] = [];
  const insist = (holds: boolean, what: string): void => void (holds || problems.push(`seed ${seed}: ${what}`));
  const wasm = compileWat(randomModule(seed));
  const bare = runOnce(compileWasm(wasm), 0n);
  const module = compileWasm(admitModule(wasm, { maxMemoryPages: 64 }));
  const [first, second] = [runOnce(module, PLENTY), runOnce(module, PLENTY)];
  insist(JSON.stringify(first.seen) === JSON.stringify(bare.seen), `${JSON.stringify(bare.seen)} became ${JSON.stringify(first.seen)}`);
  insist(first.left === second.left, `it used ${PLENTY - first.left} of fuel, then ${PLENTY - second.left}`);
  const used = PLENTY - first.left;
  const counted = runOnce(compileWasm(countInstructions(wasm, WORK_GLOBAL)), 0n);
  insist(JSON.stringify(counted.seen) === JSON.stringify(bare.seen), "counting changed it");
  insist(used >= counted.work, `${counted.work} instructions cost ${used} of fuel`);
  const [enough, short] = [runOnce(module, used), runOnce(module, used - 1n)];
  insist(enough.left === 0n && enough.seen.ending === bare.seen.ending, `it does not end on the fuel that it used: ${enough.seen.ending}`);
  insist(short.left < 0n, `it ends on less than the fuel that it used`);
  return problems;
}

describe("a random module", () => {
  it(`of ${MODULES} does the same metered as bare, for the same fuel each time, and pays for each instruction`, () => {
    expect(Array.from({ length: MODULES }, (_, seed) => compare(seed)).flat()).toEqual([]);
  });

  it("ends in all the ways that there are", () => {
    const endings = Array.from({ length: MODULES }, (_, seed) => runOnce(compileWasm(compileWat(randomModule(seed))), 0n).seen.ending);
    expect(new Set(endings)).toEqual(
      new Set(["returned", "RuntimeError: null function or function signature mismatch", "RuntimeError: memory access out of bounds"]),
    );
  });
});
