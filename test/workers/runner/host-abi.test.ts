import { describe, expect, it } from "vitest";
import { MAX_STDERR_BYTES } from "../../../workers/runner/wasi.ts";
import { runPart } from "../../../workers/runner/part-host.ts";
import { compileWat } from "../../wasm/compile-wat.ts";
import { createSeeded, type Seeded } from "../../wasm/seeded.ts";
import { compile, defaults, encoder, ended } from "./run-wat.ts";

const WASI: Readonly<Record<string, string>> = {
  args_get: "i32 i32",
  args_sizes_get: "i32 i32",
  clock_res_get: "i32 i32",
  clock_time_get: "i32 i64 i32",
  environ_get: "i32 i32",
  environ_sizes_get: "i32 i32",
  fd_close: "i32",
  fd_fdstat_get: "i32 i32",
  fd_fdstat_set_flags: "i32 i32",
  fd_filestat_get: "i32 i32",
  fd_pread: "i32 i32 i32 i64 i32",
  fd_prestat_dir_name: "i32 i32 i32",
  fd_prestat_get: "i32 i32",
  fd_read: "i32 i32 i32 i32",
  fd_readdir: "i32 i32 i32 i64 i32",
  fd_seek: "i32 i64 i32 i32",
  fd_write: "i32 i32 i32 i32",
  path_open: "i32 i32 i32 i32 i32 i64 i64 i32 i32",
  poll_oneoff: "i32 i32 i32 i32",
  random_get: "i32 i32",
  sched_yield: "",
};
const ARCRUN: Readonly<Record<string, string>> = { call: "i32 i32", result_len: "i32", result_read: "i32 i32 i32" };
const RUNS = 400;
const CALLS_PER_RUN = 2500;

/** A module that makes these calls, one after another, with what a random number gives for each argument. */
function callsText(random: Seeded, functions: readonly (readonly [module: string, name: string, types: string])[], rounds: number): string {
  const argument = (type: string): string => {
    const near = `(i32.and (call $random) (i32.const ${random.pick([0x7, 0xff, 0xfff])}))`;
    const value = random.pick([near, near, near, "(i32.sub (i32.const 65536) (i32.and (call $random) (i32.const 63)))", "(call $random)"]);
    return type === "i64" ? `(i64.extend_i32_s ${value})` : value;
  };
  const imports = functions.map(
    ([module, name, types]) => `(import "${module}" "${name}" (func $${name} ${types === "" ? "" : `(param ${types})`} (result i32)))`,
  );
  const calls = functions.map(
    ([, name, types]) => `(drop (call $${name} ${types === "" ? "" : types.split(" ").map(argument).join(" ")}))
      (i32.store (i32.and (call $random) (i32.const 0xffc)) (i32.and (call $random) (i32.const ${random.pick([0xff, 0xfff, -1])})))`,
  );
  return `(module ${imports.join("\n")} (memory (export "memory") 1) (global $state (mut i32) (i32.const ${random.below(2 ** 31)}))
    (func $random (result i32)
      (global.set $state (i32.add (i32.mul (global.get $state) (i32.const 1664525)) (i32.const 1013904223)))
      (i32.xor (i32.shr_u (global.get $state) (i32.const 15)) (i32.shl (global.get $state) (i32.const 9))))
    (func (export "_start") (local $left i32)
      (local.set $left (i32.const ${rounds}))
      (loop $again ${calls.join("\n")} (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))`;
}

const all = (module: string, functions: Readonly<Record<string, string>>): [string, string, string][] =>
  Object.entries(functions).map(([name, types]) => [module, name, types]);

function fuzz(seed: number, functions: [string, string, string][]): { ending: string; stderrChars: number } {
  const random = createSeeded(seed);
  const chosen = Array.from({ length: 5 }, () => random.pick(functions)).filter((each, index, list) => list.indexOf(each) === index);
  const module = compile(compileWat(callsText(random, chosen, Math.ceil(CALLS_PER_RUN / chosen.length))));
  const run = {
    ...defaults,
    stdin: encoder.encode("some input"),
    exchanges: [{ resultBytes: encoder.encode("one result") }],
    fuel: 400_000_000,
    maxStdoutBytes: 100,
  };
  const [first, second] = [runPart(module, run), runPart(module, run)];
  expect([seed, second]).toEqual([seed, first]);
  return { ending: ended(first), stderrChars: "stderr" in first ? first.stderr.length : 0 };
}

describe("the host, called a million times with any arguments", () => {
  it("answers calls of WASI with a number, or ends the part with a documented code", () => {
    const endings = Array.from({ length: RUNS }, (_, seed) => fuzz(seed, all("wasi_snapshot_preview1", WASI)));
    expect(new Set(endings.map(({ ending }) => ending))).toEqual(new Set(["answered", "part.out_of_fuel", "part.output_too_large"]));
    expect(Math.max(...endings.map(({ stderrChars }) => stderrChars))).toBeLessThan(MAX_STDERR_BYTES + 100);
  });

  it("answers calls of its own, or ends the part with a documented code", () => {
    const functions = [...all("arcrun", ARCRUN), ...all("wasi_snapshot_preview1", { sched_yield: "", clock_res_get: "i32 i32" })];
    const endings = Array.from({ length: RUNS }, (_, seed) => fuzz(seed, functions));
    expect(new Set(endings.map(({ ending }) => ending))).toEqual(new Set(["answered", "called", "part.trapped"]));
  });
});
