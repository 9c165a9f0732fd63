import { existsSync, readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { compileWat, wat } from "../wasm/compile-wat.ts";
import type { HostileModule } from "./judge.ts";
import { RUN, judge } from "./judge.ts";
import { BOMBS, LARGEST_MODULES } from "./bombs.ts";
import { RAW_MODULES } from "./raw-modules.ts";

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url).href);
/** What a module takes to be refused, or to be run out of its fuel, at most; a tenth of it as a rule. */
const MAX_MS = 5000;

/** The first line of a file says how the module ends (a code, and words of the message), the second what it does. */
function readCorpus(): HostileModule[] {
  const names = readdirSync(pathOf(".")).filter((name) => name.endsWith(".wat"));
  return names.toSorted().map((file) => {
    const text = readFileSync(pathOf(file), "utf8");
    const [expected = "", title = ""] = text.split("\n").map((line) => line.replace(/^;; /, ""));
    return { title: `${file}: ${title}`, expected, make: () => compileWat(text) };
  });
}

/** A module that ends as all good ones do, and shows that the host is well. */
const GOOD = wat(
  `(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
   (data (i32.const 0) "\\10\\00\\00\\00\\04\\00\\00\\00") (data (i32.const 16) "true")`,
  "(drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))",
);

function expectVerdict({ make, expected }: HostileModule): void {
  const wasm = make();
  const begun = performance.now();
  const verdict = judge(wasm);
  const took = performance.now() - begun;
  const [code, ...words] = expected.split(" ");
  expect({ ...verdict, isKnown: isKnown(verdict.code) }).toMatchObject({ code, isKnown: true });
  expect(verdict.message).toContain(words.join(" "));
  expect(verdict.fuelUsed).toBeLessThanOrEqual(RUN.fuel);
  expect(took).toBeLessThan(MAX_MS);
}

const isKnown = (code: string): boolean => code === "success" || existsSync(pathOf(`../../docs/errors/${code}.md`));

describe("a hostile module", () => {
  const corpus = [...readCorpus(), ...RAW_MODULES, ...BOMBS];

  it.each(corpus)("ends with its code: $title", expectVerdict);

  it("is one of at least 120 different ones", () => {
    expect([corpus.length >= 120, new Set(corpus.map(({ title }) => title)).size]).toEqual([true, corpus.length]);
  });

  it.each(corpus.filter(({ expected }) => !expected.startsWith("wasm.")))("uses the same fuel each time: $title", ({ make, expected }) => {
    const wasm = make();
    const [first, second] = [judge(wasm, { fuel: 2_000_000 }), judge(wasm, { fuel: 2_000_000 })];
    // How deep a recursion goes is the engine's choice.
    if (!expected.includes("too deeply")) expect(first).toEqual(second);
  });

  it("leaves the host as it was", () => {
    for (const { make } of corpus) judge(make(), { fuel: 100_000 });
    expect(judge(compileWat(GOOD))).toMatchObject({ code: "success", message: '{"success":true,"data":true}' });
    expect(Object.prototype).not.toHaveProperty("admin");
    expect(Object.prototype).not.toHaveProperty("polluted");
  });
});

describe("a module at the limits", () => {
  it.each(LARGEST_MODULES)("is taken and run in bounded time: $title", expectVerdict);
});
