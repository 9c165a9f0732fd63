import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { manifestFields } from "../support/part-uploads.ts";
import { compileWat, wat } from "../wasm/compile-wat.ts";
import { answeringWat, askingWat } from "../wasm/small-parts.ts";
import { commandLine } from "./acr.ts";

const { home, acr, json } = commandLine();
const CALLS = { effects: "idempotent", calls: ["http_request"], http: { hosts: ["api.example.com"] } };
const ASKING = askingWat({ call: "http_request", request: { url: "https://api.example.com/" } });

/** A folder with a manifest, cases and a module; gives the arguments that name them. */
function partFolder(
  name: string,
  module: string | Uint8Array,
  fields: Readonly<Record<string, unknown>> = {},
  cases: unknown = [],
): readonly string[] {
  const folder = join(home, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "part.yaml"), JSON.stringify(manifestFields(fields), null, 1));
  writeFileSync(join(folder, "cases.yaml"), JSON.stringify(cases));
  writeFileSync(join(folder, "part.wasm"), typeof module === "string" ? compileWat(module) : module);
  return [folder, "--wasm", join(folder, "part.wasm")];
}

describe("acr part build", () => {
  it("says what the module is", async () => {
    const { code, answer } = await json(["part", "build", ...partFolder("built", ASKING, CALLS)]);
    expect([code, answer]).toEqual([
      0,
      {
        ok: true,
        name: "greeter",
        version: "1.0.0",
        folder: join(home, "built"),
        file: join(home, "built/part.wasm"),
        module_bytes: expect.any(Number),
        metered_bytes: expect.any(Number),
        imports: ["wasi_snapshot_preview1.fd_write", "arcrun.call", "arcrun.result_len", "arcrun.result_read"],
      },
    ]);
  });

  it("refuses what an upload refuses, with the same words", async () => {
    const foreign = '(module (import "env" "shell" (func)) (memory (export "memory") 1) (func (export "_start")))';
    const refused = [
      await json(["part", "build", ...partFolder("foreign", foreign)]),
      await json(["part", "build", ...partFolder("large", new Uint8Array(8 * 2 ** 20 + 1))]),
      await json(["part", "build", ...partFolder("text", new TextEncoder().encode("no module"))]),
      await json(["part", "build", ...partFolder("mistaken", ASKING, { effects: "none", limits: { fuel: 0 } })]),
    ];
    expect(refused.map(({ code, answer }) => [code, Object(answer["error"]).code])).toEqual([
      [1, "wasm.import_denied"],
      [1, "wasm.too_large"],
      [1, "wasm.invalid"],
      [1, "part_invalid"],
    ]);
    expect(refused[3]?.answer["errors"]).toMatchObject([
      { pointer: "/effects", line: 6 },
      { pointer: "/limits/fuel", line: 10 },
    ]);
  });
});

describe("acr part test", () => {
  it("shows where an answer differs from its case", async () => {
    const answer = { success: true, data: { n: 1, list: ["a", { deep: null }] } };
    const cases = [
      { name: "right", given: {}, expect: answer },
      { name: "wrong", given: {}, expect: { success: true, data: { n: 2, list: ["a", { deep: null, more: 1 }], text: "x" } } },
    ];
    const { code, err, out } = await acr(["part", "test", ...partFolder("differing", answeringWat(answer), {}, cases)]);
    expect([code, out, err.split("\n")]).toEqual([
      1,
      "",
      [
        expect.stringMatching(/^✓ right \([\d,]+ instructions\)$/),
        "✗ wrong",
        "    /data/n: expected 2, found 1",
        "    /data/list/1/more: expected 1, found nothing",
        '    /data/text: expected "x", found nothing',
        "1 of 2 cases passed",
        "",
      ],
    ]);
  });

  it("answers the calls of the part from the case, and says when they are others", async () => {
    const request = { call: "http_request", request: { url: "https://api.example.com/" } };
    const result = { success: true, data: 7 };
    const cases = [
      { name: "right", given: {}, exchanges: [{ request, result }], expect: result },
      { name: "another request", given: {}, exchanges: [{ request: { ...request, more: 1 }, result }], expect: result },
      { name: "a call too many", given: {}, exchanges: [{ result }, { result }], expect: result },
      { name: "a call too few", given: {}, expect: result },
    ];
    const { answer } = await json(["part", "test", ...partFolder("calling", ASKING, CALLS, cases)]);
    const denied = await json(["part", "test", ...partFolder("denied", ASKING, {}, cases.slice(0, 1))]);
    const problems = (cases: unknown) => Object.values(Object(cases)).map((one) => Object(one).problems);
    expect(problems(answer["cases"])).toEqual([
      [],
      ["call 1: /more: expected 1, found nothing"],
      ["call 2: expected one, but the part made no more"],
      [expect.stringContaining('it made a call that the case has no exchange for: {"call":"http_request"')],
    ]);
    expect(problems(denied.answer["cases"])).toEqual([['call 1: the manifest does not grant "http_request"']]);
  });

  it("holds an answer against the schema of the manifest, and takes a failure for an answer", async () => {
    const cases = [{ name: "one", given: {}, expect: { success: true, data: "text" } }];
    const fields = { output: { type: "object" } };
    const { answer } = await json([
      "part",
      "test",
      ...partFolder("unfitting", answeringWat({ success: true, data: "text" }), fields, cases),
    ]);
    expect(answer["cases"]).toMatchObject([{ problems: [expect.stringContaining("data does not fit the output")] }]);
    const endless = [
      {
        name: "one",
        given: {},
        expect: {
          success: false,
          error: { code: "part.out_of_fuel", message: "the part used up its 1000 instructions of fuel", retryable: false },
        },
      },
    ];
    const spinning = partFolder("endless", wat("", "(loop (br 0))"), { limits: { fuel: 1000 } }, endless);
    expect((await acr(["part", "test", ...spinning])).code).toBe(0);
  });

  it("refuses a file that holds no cases", async () => {
    const none = await json(["part", "test", ...partFolder("caseless", ASKING, CALLS, { name: "x" })]);
    expect([none.code, none.answer["error"]]).toMatchObject([1, { code: "cases.unreadable" }]);
  });
});

describe("acr", () => {
  it.each<[string, readonly string[], number, RegExp]>([
    ["tells what it can without a word", [], 0, /acr part new/],
    ["tells what it can when asked", ["part", "--help"], 0, /acr part push/],
    ["knows no other word", ["part", "fly"], 2, /knows no "part fly"/],
    ["knows no other option", ["part", "test", "--fast"], 2, /--fast/],
    ["takes one argument", ["part", "test", "a", "b"], 2, /"b" is one argument too many/],
    ["needs a name", ["part", "new", "My-Part"], 2, /needs a name/],
    ["needs a language that it knows", ["part", "new", "x", "--lang", "cobol"], 2, /expected one of assemblyscript, rust/],
    ["needs the folder of a part", ["part", "build", "nowhere"], 2, /nowhere has no part\.yaml/],
    ["needs a module that is there", ["part", "build", "given", "--wasm", "gone.wasm"], 2, /cannot be read/],
    ["needs a source", ["part", "build", "given"], 2, /no source; expected one of index\.ts/],
  ])("%s", async (_, args, code, told) => {
    mkdirSync(join(home, "given"), { recursive: true });
    writeFileSync(join(home, "given/part.yaml"), JSON.stringify(manifestFields()));
    const ended = await acr(args);
    expect([ended.code, ended.out + ended.err]).toEqual([code, expect.stringMatching(told)]);
  });
});
