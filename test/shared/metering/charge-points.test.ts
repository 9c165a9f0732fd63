import { describe, expect, it } from "vitest";
import { meter } from "../../../shared/metering/meter.ts";
import { FUEL_EXPORT } from "../../../shared/metering/inspect-module.ts";
import { countInstructions } from "../../wasm/count-instructions.ts";
import { compileWasm, compileWat } from "../../wasm/compile-wat.ts";

/** A hundred and twenty instructions: more than a region that is charged as a whole. */
const MUCH = "(local.set $x (i32.const 1))".repeat(60);
const LITTLE = "(local.set $x (i32.const 2))";
const YES = "(i32.const 1)";
const NO = "(i32.const 0)";
const TEN_ROUNDS = `(local.set $y (i32.const 10)) (loop (br_if 0 (local.tee $y (i32.sub (local.get $y) ${YES}))))`;

/** Each shape has its work in one of the places that control comes to other than straight on. */
const SHAPES: readonly (readonly [where: string, body: string])[] = [
  ["in a loop", MUCH],
  ["at the end of a block that is left in an arm", `(block $b (if ${YES} (then (br $b))) ${LITTLE}) ${MUCH}`],
  ["at the end of a block that is left from a block inside", `(block $b (block $c (if ${YES} (then (br $b))) ${MUCH}) ${MUCH}) ${MUCH}`],
  ["in the arm of an if that is taken", `(if ${YES} (then ${MUCH}) (else ${LITTLE}))`],
  ["in the arm of an if that is not taken", `(if ${NO} (then ${MUCH}) (else ${LITTLE}))`],
  ["in an else that is taken", `(if ${NO} (then ${LITTLE}) (else ${MUCH}))`],
  ["in an else that is not taken", `(if ${YES} (then ${LITTLE}) (else ${MUCH}))`],
  ["behind an if that is not taken", `(if ${NO} (then (return))) ${MUCH}`],
  ["behind an if that is left by a branch to its end", `(if $i ${YES} (then (if ${YES} (then (br $i))) ${LITTLE})) ${MUCH}`],
  ["in an inner loop", `(loop ${MUCH})`],
  ["behind an inner loop", `(loop) ${MUCH}`],
  ["behind an inner loop of ten rounds", `${TEN_ROUNDS} ${MUCH}`],
  ["in front of an inner loop", `${MUCH} (loop)`],
  ["behind a loop that is left from its middle", `(block $b (loop (if ${YES} (then (br $b))) ${MUCH} (br 0))) ${MUCH}`],
  ...[0, 1, 2].map(
    (which) =>
      [
        `at place ${which} of three of a table`,
        `(block $d (block $c (block $b (block $a (br_table $a $b $c (i32.const ${which}))) ${MUCH} (br $d)) ${MUCH} (br $d)) ${MUCH} (br $d))`,
      ] as const,
  ),
  ["in a function that is called", "(call $much)"],
  ["in a function that is called, behind a branch that is not taken", `(block $b (br_if $b ${NO}) (call $much))`],
  ["in a function that is not called, behind a branch that is taken", `(block $b (br_if $b ${YES}) (call $much))`],
  ["in functions that are called, in front of a branch and behind a loop", `(block $b (call $much) (br_if $b ${NO}) (loop) (call $much))`],
  ["in a function that is called in an arm", `(if ${YES} (then (call $much)) (else ${LITTLE}))`],
  ["in a function that is not called in an arm", `(if ${NO} (then (call $much)) (else ${LITTLE}))`],
  ["in a function that is exported, and called", "(call $open)"],
  ["in a function that is called through a table", "(call_indirect (i32.const 0))"],
  ["in a function that is called behind a loop of ten rounds", `${TEN_ROUNDS} (call $much)`],
  ["in a function that a function calls", "(call $through)"],
  ["in a loop of a function that is called", "(call $looping)"],
  ["in a function that is called, behind its return", "(call $little)"],
];
const ROUNDS = 1000;

const moduleText = (body: string): string => `(module
  (global $work (export "work") (mut i64) (i64.const 0))
  (memory (export "memory") 1)
  (func $much (local $x i32) ${MUCH})
  (func $open (export "open") (local $x i32) ${MUCH})
  (table funcref (elem $element))
  (func $element (local $x i32) ${MUCH})
  (func $through (call $much) (call $much))
  (func $looping (local $x i32) (local $y i32)
    (local.set $y (i32.const 3)) (loop ${MUCH} (br_if 0 (local.tee $y (i32.sub (local.get $y) ${YES})))))
  (func $little (local $x i32) (if ${YES} (then (return))) ${MUCH})
  (func (export "_start") (local $x i32) (local $y i32) (local $round i32)
    (local.set $round (i32.const ${ROUNDS}))
    (loop $again ${body} (br_if $again (local.tee $round (i32.sub (local.get $round) (i32.const 1)))))))`;

function valueOf(wasm: Uint8Array, name: string): number {
  const { exports } = new WebAssembly.Instance(compileWasm(wasm));
  const { _start: start, [name]: global } = exports;
  if (typeof start !== "function" || !(global instanceof WebAssembly.Global)) throw new Error(`no ${name}`);
  global.value += 2n ** 40n;
  const before = BigInt(global.value);
  start();
  return Math.abs(Number(BigInt(global.value) - before));
}

describe("the fuel of work", () => {
  it("in `_start` itself, which nobody calls, is what was executed", () => {
    const wasm = compileWat(`(module (global (export "work") (mut i64) (i64.const 0)) (memory (export "memory") 1)
      (func (export "_start") (local $x i32) ${MUCH}))`);
    expect(valueOf(meter(wasm, { maxMemoryPages: 1 }), FUEL_EXPORT)).toBe(valueOf(countInstructions(wasm, 0), "work"));
  });

  it.each(SHAPES)("%s is what was executed, and hardly more", (_where, body) => {
    const wasm = compileWat(moduleText(body));
    const executed = valueOf(countInstructions(wasm, 0), "work");
    const charged = valueOf(meter(wasm, { maxMemoryPages: 1 }), FUEL_EXPORT);
    // What a branch skips of the straight line that it stands in is charged, too.
    expect({ charged, isEnough: charged >= executed, isFair: charged <= executed + 30 * ROUNDS }).toEqual({
      charged,
      isEnough: true,
      isFair: true,
    });
  });
});
