import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import type { Tried } from "./try-mutants.ts";

/** Other mutants: `FUZZ_SEED=1000000 npm test -- test/hostile/mutants`. */
const FIRST_SEED = Number(process.env["FUZZ_SEED"] ?? 0);
const MUTANTS = Number(process.env["FUZZ_COUNT"] ?? 60_000);
const PROCESSES = 2;
/** No mutant takes a hundredth of it. */
const MAX_SILENCE_MS = 20_000;

const scratch = mkdtempSync(join(tmpdir(), "arcrun-mutants-"));
const script = fileURLToPath(new URL("try-mutants.mjs", import.meta.url).href);

/** Tries some seeds in a process of its own. One that hangs is ended, and like one that dies it is a problem with its seed. */
function tryIn(index: number): Promise<Tried> {
  const [from, to] = [index, index + 1].map((each) => FIRST_SEED + Math.floor((each * MUTANTS) / PROCESSES));
  const file = join(scratch, `seed-${index}`);
  const child = spawn(process.execPath, [script, String(from), String(to), file], { stdio: ["ignore", "pipe", "inherit"] });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  let last = "";
  const watchdog = setInterval(() => {
    const seed = readFileSync(file, "utf8");
    if (seed === last) child.kill("SIGKILL");
    last = seed;
  }, MAX_SILENCE_MS);
  return new Promise((resolve) => {
    child.once("close", (code, signal) => {
      clearInterval(watchdog);
      if (code === 0) resolve(JSON.parse(Buffer.concat(output).toString("utf8")));
      else resolve({ codes: {}, problems: [`seed ${readFileSync(file, "utf8").trim()}: the process ended (${signal ?? code})`] });
    });
  });
}

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("a mutated module", () => {
  it(`of ${MUTANTS} is refused or ends with a documented code, within its fuel, as it would bare`, { timeout: 180_000 }, async () => {
    const tried = await Promise.all(Array.from({ length: PROCESSES }, (_, index) => tryIn(index)));
    expect(tried.flatMap(({ problems }) => problems)).toEqual([]);
    const codes = new Map<string, number>();
    for (const { codes: each } of tried) for (const [code, count] of Object.entries(each)) codes.set(code, (codes.get(code) ?? 0) + count);
    console.log(`mutants: ${[...codes].map(([code, count]) => `${count} ${code}`).join(", ")}`);
    expect([...codes.values()].reduce((sum, count) => sum + count, 0)).toBe(MUTANTS);
    // Mutants that are all refused would prove little.
    const ran = [...codes].filter(([code]) => !code.startsWith("wasm.")).reduce((sum, [, count]) => sum + count, 0);
    expect(ran).toBeGreaterThan(MUTANTS / 10);
  });
});
