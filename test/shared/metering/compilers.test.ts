/** What the compilers of other languages make, where they are installed (Debian: clang lld wasi-libc libclang-rt-14-dev-wasm32; rustc libstd-rust-dev-wasm32). */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { admitModule } from "../../../shared/metering/admit-module.ts";
import { runPart } from "../../../workers/runner/part-host.ts";
import { compileWasm } from "../../wasm/compile-wat.ts";
import { runBare } from "../../workers/runner/run-bare.ts";
import { decoder, defaults, encoder } from "../../workers/runner/run-wat.ts";

const C = `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
static int calls;
static int compare(const void *a, const void *b) { calls++; return *(const int *)a - *(const int *)b; }
static long collatz(long n) { return n == 1 ? 0 : 1 + collatz(n % 2 ? 3 * n + 1 : n / 2); }
int main(void) {
  char *text = malloc(1 << 16);
  size_t length = fread(text, 1, 1 << 16, stdin);
  int *numbers = calloc(5000, sizeof *numbers);
  unsigned seed = 7;
  for (int i = 0; i < 5000; i++) numbers[i] = (seed = seed * 1664525u + 1013904223u) >> 8;
  qsort(numbers, 5000, sizeof *numbers, compare);
  memmove(text + 1, text, length);
  double sum = 0;
  for (int i = 0; i < 1000; i++) sum += numbers[i] / 3.0;
  fprintf(stderr, "log line\\n");
  FILE *none = fopen("/etc/passwd", "r");
  printf("{\\"success\\":true,\\"data\\":{\\"n\\":%zu,\\"median\\":%d,\\"sum\\":%.3f,\\"calls\\":%d,\\"collatz\\":%ld,\\"file\\":%d,\\"time\\":%ld}}\\n",
    length, numbers[2500], sum, calls, collatz(27), none != NULL, (long)time(NULL));
  return 0;
}`;
const RUST = `
use std::collections::HashMap;
use std::io::Read;
fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let mut words: HashMap<&str, usize> = HashMap::new();
    for word in text.split_whitespace() { *words.entry(word).or_default() += 1; }
    let mut list: Vec<_> = words.into_iter().collect();
    list.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    std::thread::sleep(std::time::Duration::from_secs(3600));
    let boxed: Vec<Box<dyn Fn(f64) -> f64>> = vec![Box::new(|x| x.sqrt()), Box::new(|x| x / 7.0)];
    let value = boxed.iter().fold(1e6, |sum, f| f(sum));
    let file = std::fs::read_to_string("/etc/passwd").is_ok();
    println!("{{\\"success\\":true,\\"data\\":{{\\"first\\":\\"{}\\",\\"kinds\\":{},\\"value\\":{},\\"file\\":{}}}}}", list[0].0, list.len(), value, file);
}`;
const STDIN = encoder.encode("the quick brown fox and the lazy dog and the end");

const scratch = mkdtempSync(join(tmpdir(), "arcrun-compilers-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The module; undefined when the compiler is not here. */
function build(compiler: string, file: string, source: string, options: readonly string[]): Uint8Array | undefined {
  const [input, output] = [join(scratch, file), join(scratch, `${file}.wasm`)];
  writeFileSync(input, source);
  return spawnSync(compiler, [...options, input, "-o", output]).status === 0 ? readFileSync(output) : undefined;
}

const clang = (level: string): Uint8Array | undefined => build("clang", `main${level}.c`, C, ["--target=wasm32-wasi", level]);
/** Debian's compiler comes with the target; one that a developer installed may lack it. */
const rust = (level: string): Uint8Array | undefined =>
  ["rustc", "/usr/bin/rustc"]
    .map((compiler) => build(compiler, "main.rs", RUST, ["--target", "wasm32-wasi", "-C", `opt-level=${level}`]))
    .find((wasm) => wasm !== undefined);

const BUILDS = [
  ["clang -O0", clang("-O0"), '"median":8'],
  ["clang -O2", clang("-O2"), '"collatz":111,"file":0,"time":1700000000'],
  ["rustc, optimized", rust("2"), '{"first":"the","kinds":8,"value":142.85714285714286,"file":false}'],
] as const;

describe("what another compiler made", () => {
  for (const [name, wasm, expected] of BUILDS) {
    it.skipIf(wasm === undefined)(`is taken as it is and does the same metered (${name})`, () => {
      const module = compileWasm(admitModule(wasm ?? new Uint8Array(), { maxMemoryPages: 512 }));
      const run = { ...defaults, stdin: STDIN, fuel: 500_000_000 };
      const [first, second] = [runPart(module, run), runPart(module, run)];
      const bare = runBare(wasm ?? new Uint8Array(), run);
      const text = first.kind === "answered" ? decoder.decode(first.stdout) : JSON.stringify(first);
      expect([text, bare.ending]).toEqual([decoder.decode(bare.stdout), "returned"]);
      expect(text).toContain(expected);
      expect(first).toEqual(second);
    });
  }
});
