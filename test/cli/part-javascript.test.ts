/** A part in JavaScript on the command line: bundled, loaded on the engine that will run it, tested, and uploaded as source. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { manifestFields } from "../support/part-uploads.ts";
import { servedIngress } from "./served-ingress.ts";
import { commandLine } from "./acr.ts";

const { home, acr, json } = commandLine();
const { env, laid } = servedIngress();
const TS = "main.ts";

function partFolder(
  name: string,
  files: Readonly<Record<string, string>>,
  fields: Readonly<Record<string, unknown>> = {},
  cases: unknown = [],
) {
  mkdirSync(join(home, name));
  const all = { "part.yaml": JSON.stringify(manifestFields(fields)), "cases.yaml": JSON.stringify(cases), ...files };
  for (const [file, text] of Object.entries(all)) writeFileSync(join(home, name, file), text);
  return name;
}
const build = (name: string, source: string, fields = {}) => json(["part", "build", partFolder(name, { [TS]: source }, fields)]);

describe("acr part build", () => {
  it("bundles what the part imports, in TypeScript or JavaScript, and tells what loading it costs", async () => {
    const files = {
      "main.js": 'import { add } from "./add.ts"; export default (n) => add(n);',
      "add.ts": "export const add = (n: number) => n + 1;",
    };
    const { code, answer } = await json(["part", "build", partFolder("bundled", files)]);
    const file = join(home, "bundled/build/part.js");
    const source = readFileSync(file);
    expect([code, answer]).toEqual([
      0,
      {
        ok: true,
        name: "greeter",
        version: "1.0.0",
        folder: join(home, "bundled"),
        file,
        source_bytes: source.length,
        load_fuel: expect.any(Number),
      },
    ]);
    expect(answer["load_fuel"]).toBeGreaterThan(1000);
    expect(String(source)).not.toContain("import");
  });

  it.each<[string, string, string, RegExp, object?]>([
    ["does not parse", "export default (;", "compiler.failed", /main\.ts:1:16/],
    ["imports what is not there", 'import "node:fs"; export default () => 1;', "compiler.failed", /node:fs/],
    ["exports nothing", "const a = 1;", "compiler.failed", /no default export/],
    ["exports no function", "export default 1;", "program.not_loaded", /must be a function/],
    ["throws at once", 'throw new Error("at once"); export default () => 1;', "program.not_loaded", /at once/],
    ["throws at once when it parses nothing", "JSON.parse(''); export default () => 1;", "program.not_loaded", /end of JSON/],
    [
      "never ends to load",
      "for (;;); export default () => 1;",
      "program.not_loaded",
      /instructions of fuel/,
      { limits: { fuel: 5_000_000 } },
    ],
    [
      "is too large",
      `export default () => "${"x".repeat(2 ** 20)}";`,
      "validation_failed",
      /1048576 bytes with all that it imports, this one has/,
    ],
  ])("refuses a part that %s", async (name, source, error, told, fields = {}) => {
    const { code, answer } = await build(name.replaceAll(" ", "_"), source, fields);
    expect([code, answer["error"]]).toEqual([1, { code: error, message: expect.stringMatching(told) }]);
  });
});

describe("acr part test", () => {
  it("answers the calls of the part from the case, and says when they are others", async () => {
    const source =
      "export default async (input, arcrun) => { const { json } = await arcrun.http({ url: input.url }); return { success: true, data: json }; };";
    const request = { call: "http_request", request: { url: "https://api.example.com/" } };
    const one = { name: "asks", given: { url: "https://api.example.com/" }, expect: { success: true, data: 7 } };
    const cases = [
      { ...one, exchanges: [{ request, result: { status: 200, headers: {}, body: "7", json: 7 } }] },
      {
        ...one,
        name: "differs",
        exchanges: [{ request: { ...request, more: 1 }, result: { status: 200, headers: {}, body: "", json: 7 } }],
      },
    ];
    const fields = { effects: "idempotent", calls: ["http_request"], http: { hosts: ["api.example.com"] } };
    const { code, answer } = await json(["part", "test", partFolder("asking", { [TS]: source }, fields, cases)]);
    expect([code, answer["cases"]]).toEqual([
      1,
      [
        { name: "asks", fuel: expect.any(Number), problems: [] },
        { name: "differs", fuel: expect.any(Number), problems: ["call 1: /more: expected 1, found nothing"] },
      ],
    ]);
  });
});

describe("acr part push", () => {
  it("uploads the bundle as source, byte for byte", async () => {
    await acr(["part", "new", "pushed", "--lang", "javascript"]);
    const first = await json(["part", "push", "pushed"], env());
    const source = readFileSync(join(home, "pushed/build/part.js"));
    const [[digest, stored] = ["", undefined]] = laid;
    expect(first).toMatchObject({ code: 0, answer: { name: "pushed", digest, created: true } });
    expect(stored).toMatchObject({ source: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: source.length });
    expect(await json(["part", "push", "pushed"], env())).toMatchObject({ code: 0, answer: { digest, created: false } });
  });
});
