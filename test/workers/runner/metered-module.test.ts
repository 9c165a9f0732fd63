import { describe, expect, it } from "vitest";
import { METERING_VERSION } from "../../../shared/metering/meter.ts";
import { runPart } from "../../../workers/runner/part-host.ts";
import { compileAssemblyScript, PRIMES } from "../../wasm/compile-assembly-script.ts";
import { readWat } from "../../wasm/compile-wat.ts";
import { runBare } from "./run-bare.ts";
import { compile, decoder, defaults, encoder, ended } from "./run-wat.ts";

describe("a metered module", () => {
  const unmetered = (wasm: Uint8Array, stdin: Uint8Array): string => decoder.decode(runBare(wasm, { ...defaults, stdin }).stdout);
  const metered = (wasm: Uint8Array, stdin: Uint8Array): { output: string; fuelUsed: number } => {
    const outcome = runPart(compile(wasm), { ...defaults, stdin, fuel: 1e9 });
    return {
      output: outcome.kind === "answered" ? decoder.decode(outcome.stdout) : ended(outcome),
      fuelUsed: outcome.fuelUsed,
    };
  };

  it.each(["0", "1", "2", "3", "4"])("does what it did before, for the same fuel each time (shape %s)", (which) => {
    const wasm = readWat("shapes.wat");
    const first = metered(wasm, encoder.encode(which));
    expect(first.output).toBe(unmetered(wasm, encoder.encode(which)));
    expect(first).toEqual(metered(wasm, encoder.encode(which)));
  });

  // Whoever changes these numbers raises METERING_VERSION.
  it("uses the fuel that this version of the metering says", () => {
    const used = ["0", "1", "2", "3", "4"].map((which) => metered(readWat("shapes.wat"), encoder.encode(which)).fuelUsed);
    expect([METERING_VERSION, ...used]).toEqual([4, 4043, 8765, 31_484, 4228, 4381]);
  });

  it("runs out of fuel at exactly one budget", () => {
    const module = compile(readWat("shapes.wat"));
    const at = (fuel: number): string => ended(runPart(module, { ...defaults, stdin: encoder.encode("3"), fuel }));
    const { fuelUsed } = runPart(module, { ...defaults, stdin: encoder.encode("3") });
    expect([at(fuelUsed - 1), at(fuelUsed), at(fuelUsed + 1)]).toEqual(["part.out_of_fuel", "answered", "answered"]);
  });

  it("does what AssemblyScript meant", async () => {
    const wasm = await compileAssemblyScript(PRIMES);
    expect(metered(wasm, new Uint8Array()).output).toBe('{"success":true,"data":1229}');
    expect(metered(wasm, new Uint8Array())).toEqual({
      output: unmetered(wasm, new Uint8Array()),
      fuelUsed: metered(wasm, new Uint8Array()).fuelUsed,
    });
  });
});
