import { describe, expect, it } from "vitest";
import { MAX_PART_MANIFEST_BYTES } from "../../shared/model/limits.ts";
import { parsePart } from "../../shared/parse-part.ts";
import { manifestFields } from "../support/part-uploads.ts";

const YAML = `
name: greeter
summary: Says a word
category: Text
version: 1.0.0
effects: idempotent
calls: [http_request]
http: { hosts: [api.example.com] }
limits: { fuel: 1000, memory_mib: 4, timeout: 5s }
input: { type: object }
output: { type: string }
`;

describe("the manifest of an uploaded part", () => {
  it("is read from YAML, with its defaults filled in", () => {
    expect(parsePart(YAML)).toEqual({
      ok: true,
      manifest: {
        name: "greeter",
        summary: "Says a word",
        category: "Text",
        version: "1.0.0",
        receives: "params",
        effects: "idempotent",
        mayPause: false,
        calls: ["http_request"],
        httpHosts: ["api.example.com"],
        fuel: 1000,
        memoryMib: 4,
        timeoutMs: 5000,
        input: { type: "object" },
        operations: {},
        output: { type: "string" },
        aliases: [],
        tags: [],
        digest: "",
      },
    });
  });

  it("may be JSON, indented by tabs, too", () => {
    expect(parsePart(JSON.stringify(manifestFields(), null, "\t"))).toMatchObject({ ok: true, manifest: { name: "greeter" } });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["a name that is none", { name: "Greeter" }, "/name manifest.invalid"],
    ["a long name", { name: "g".repeat(65) }, "/name manifest.invalid"],
    ["a name that is a word of the language", { name: "cron" }, "/name manifest.name_reserved"],
    ["a name of every object", { name: "constructor" }, "/name manifest.name_reserved"],
    ["no effects", { effects: undefined }, "/effects manifest.invalid"],
    ["a field that is not known", { effect: "pure" }, "/effect manifest.invalid"],
    ["a limit above the engine's", { limits: { memory_mib: 65 } }, "/limits/memory_mib manifest.invalid"],
    ["a field that is not known, inside", { limits: { memory: 65 } }, "/limits/memory manifest.invalid"],
    ["other names", { aliases: ["hello"] }, "/aliases manifest.invalid"],
    ["a call without a host", { calls: ["http_request"], effects: "once" }, "/http manifest.no_host"],
    ["a host without the call", { http: { hosts: "any" } }, "/calls manifest.no_call"],
    ["a pure part that calls out", { calls: ["http_request"], http: { hosts: ["a.com"] } }, "/effects manifest.not_pure"],
    ["a call that nobody knows", { calls: ["htp_request"] }, "/calls/0 manifest.unknown_call"],
    ["a wait in a part that may not pause", { calls: ["sleep"] }, "/calls/0 manifest.cannot_pause"],
    ["a pure part that starts runs", { calls: ["run"], may_pause: true }, "/effects manifest.not_pure"],
    ["a schema that is none", { input: { properties: { a: { type: "text" } } } }, "/input/properties/a/type input.invalid_schema"],
    ["another schema that is none", { output: { required: "a" } }, "/output/required input.invalid_schema"],
  ])("with %s is refused at the place", (_, fields, expected) => {
    const parsed = parsePart(JSON.stringify(manifestFields(fields)));
    expect(parsed.ok ? [] : parsed.errors.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([expected]);
  });

  it("tells all mistakes at once, with their lines", () => {
    const parsed = parsePart("name: x\nsummary: s\ncategory: c\nversion: one\neffects: none\ninput: {}\noutput: {}\n");
    expect(parsed.ok ? [] : parsed.errors.map(({ pointer, line }) => [pointer, line])).toEqual([
      ["/version", 4],
      ["/effects", 5],
    ]);
  });

  it.each([
    ["what is not YAML", "name: [", /definition\.invalid_yaml/],
    ["a text", "hello", /manifest\.invalid/],
    ["what nests too deep", `input: ${"[".repeat(70)}${"]".repeat(70)}`, /definition\.too_deep/],
    ["a date, which is no JSON", "a: 2020-01-01\nb: !!binary aGVsbG8=", /definition\.not_json/],
    [
      "a bomb",
      `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefgh".replaceAll(/./g, (c) => `${c}: &${c} [*${String.fromCharCode(c.charCodeAt(0) - 1)}${`,*${String.fromCharCode(c.charCodeAt(0) - 1)}`.repeat(8)}]\n`)}`,
      /definition\./,
    ],
    ["more than a manifest may have", " ".repeat(MAX_PART_MANIFEST_BYTES + 1), /manifest\.too_large/],
  ])("is not %s", (_, text, code) => {
    const parsed = parsePart(text);
    expect(parsed.ok ? "" : parsed.errors[0]?.code).toMatch(code);
  });
});
