import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandLine } from "./acr.ts";

const { home, acr, json } = commandLine();
const FIXTURES = join(import.meta.dirname, "../fixtures/parts");

/** Each template is tried once, before the tests are told apart: a compiler may not be here. */
async function tried(lang: string) {
  await acr(["part", "new", `in_${lang}`, "--lang", lang]);
  const { code, answer } = await json(["part", "test", `in_${lang}`]);
  const error = Object(answer["error"]);
  return { lang, code, answer, missing: error.code === "compiler.missing" ? ` (skipped: ${error.message})` : "" };
}

const LANGUAGES = ["assemblyscript", "c", "rust", "tinygo", "javascript"];
const all = await Promise.all(LANGUAGES.map(tried));
const isMissing = (lang: string): boolean => all.some((one) => one.lang === lang && one.missing !== "");

describe("the template of a language", () => {
  it.each(LANGUAGES)("%s is written in full, with the name of the part", async (lang) => {
    const { code, answer } = await json(["part", "new", `new_${lang}`, "--lang", lang]);
    expect([code, answer]).toMatchObject([
      0,
      { ok: true, name: `new_${lang}`, lang, files: expect.arrayContaining(["part.yaml", "cases.yaml", "README.md"]) },
    ]);
    expect(await acr(["part", "new", `new_${lang}`, "--lang", lang])).toMatchObject({
      code: 1,
      err: expect.stringContaining("is there already"),
    });
  });

  for (const { lang, code, answer, missing } of all) {
    it.skipIf(missing !== "")(`${lang} compiles, and its cases pass${missing}`, () => {
      const passed = (name: string) => ({ name, fuel: expect.any(Number), problems: [] });
      const names = ["counts", "takes any white space, and no words for words", "keeps quotes, accents and signs beyond them"];
      const cases = [...names, "reads past what it does not know", "needs a text"].map(passed);
      expect([code, answer]).toEqual([0, { ok: true, name: `in_${lang}`, cases }]);
    });
  }

  it("says what to install when its compiler is not here", async () => {
    const none = { PATH: "/nonexistent", RUSTC: "/nonexistent/rustc" };
    for (const [lang, told] of [
      ["c", "apt install clang"],
      ["tinygo", "TinyGo"],
    ] as const) {
      const { code, err } = await acr(["part", "build", `in_${lang}`], none);
      expect([code, err]).toEqual([1, expect.stringContaining(told)]);
    }
  });

  it.skipIf(isMissing("c"))("shows what its compiler says", async () => {
    await acr(["part", "new", "broken", "--lang", "c"]);
    writeFileSync(join(home, "broken/main.c"), "int main(void) { return nothing; }\n");
    const { code, answer } = await json(["part", "build", "broken"]);
    expect([code, answer]).toMatchObject([
      1,
      { ok: false, error: { code: "compiler.failed", message: expect.stringContaining("nothing") } },
    ]);
  });
});

/** Modules that were compiled elsewhere, with what they must answer. */
describe("a module that is there already", () => {
  const MANIFEST = "name: brought\nsummary: s\ncategory: c\nversion: 1.0.0\neffects: pure\ninput: {}\noutput: {}\n";
  const cases = (list: readonly object[]) => JSON.stringify(list.map((one, i) => ({ name: `case ${i}`, ...one })));
  const test = async (module: string, list: readonly object[]) => {
    const folder = join(home, module.replace(/\W/g, "_"));
    cpSync(FIXTURES, folder, { recursive: true });
    writeFileSync(join(folder, "part.yaml"), MANIFEST);
    writeFileSync(join(folder, "cases.yaml"), cases(list));
    return json(["part", "test", folder, "--wasm", join(folder, module)]);
  };
  const failure = (code: string, message: string) => ({ success: false, error: { code, message, retryable: false } });

  it("of the old Arcrun runs as it is: arguments, environment, clock, randomness, plain answers, exit codes", async () => {
    const { code, answer } = await test("old-part.wasm", [
      { given: { text: "ho" }, expect: { bytes: 13, arguments: 0, home: null } },
      { given: "fail", expect: { success: false, error: "it was told to" } },
      { given: "exit", expect: failure("part.exited", "exit code 3: started at 1767225600\ngiving up") },
    ]);
    expect([code, answer]).toMatchObject([0, { cases: [{ problems: [] }, { problems: [] }, { problems: [] }] }]);
  });

  it("of Rust runs as it is, with its panics", async () => {
    const { code, answer } = await test("rust-part.wasm", [
      { given: "abba", expect: { success: true, data: { a: 2, b: 2 } } },
      { given: "panic", expect: failure("part.trapped", "unreachable") },
    ]);
    expect([code, answer]).toMatchObject([0, { cases: [{ problems: [] }, { problems: [] }] }]);
  });
});
