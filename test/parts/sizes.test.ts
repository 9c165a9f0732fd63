import { describe, expect, it } from "vitest";
import type { BuiltPart } from "./built-parts.ts";
import { answerOf, buildAndReadParts, runOn } from "./built-parts.ts";

const parts = new Map(buildAndReadParts().map((part) => [part.manifest.name, part]));
const named = (name: string): BuiltPart => {
  const part = parts.get(name);
  if (part === undefined) throw new Error(`there is no part ${name}`);
  return part;
};

const MEGABYTE = 1_000_000;
const PIECE = 'plain, "quoted", back\\slash, tab\t, line\n, é, 世界, 👩‍👩‍👧, עברית, \u0001, \u2028; ';
const mixed = (bytes: number): string => PIECE.repeat(Math.ceil(bytes / new TextEncoder().encode(PIECE).length));

describe("A large document", () => {
  it("of ten megabytes goes through set, byte for byte, in 32 MiB and little fuel", () => {
    const values = {
      text: mixed(5 * MEGABYTE),
      more: "x".repeat(3 * MEGABYTE),
      list: Array.from({ length: 100_000 }, (_, i) => i),
    };
    const outcome = runOn(named("set"), { values });
    expect(answerOf(outcome)).toEqual({ success: true, data: values });
    expect(outcome.fuelUsed).toBeLessThan(200 * MEGABYTE);
  });

  it("of nothing but brackets goes through set", () => {
    const values = { list: Array.from({ length: 2_000_000 }, () => []) };
    const outcome = runOn(named("set"), { values });
    expect(outcome.kind).toBe("answered");
    expect(outcome.fuelUsed).toBeLessThan(250 * MEGABYTE);
  });

  it("of ten megabytes comes back through http_request", () => {
    const result = { status: 200, headers: {}, body: mixed(9 * MEGABYTE) };
    const outcome = runOn(named("http_request"), { url: "https://example.com/" }, [result]);
    expect(answerOf(outcome)).toEqual({ success: true, data: result });
  });

  it("of five megabytes is sent by http_request", () => {
    const outcome = runOn(named("http_request"), { url: "https://example.com/", body: mixed(5 * MEGABYTE) }, [{ status: 204 }]);
    expect(answerOf(outcome)).toEqual({ success: true, data: { status: 204 } });
  });
});

describe("A document that is no JSON", () => {
  it.each(["", "{", '"open', '{"values":{"a":1}', '{"values"}', "[1,2", '{"a":1} x', '{"values":{"a":"\\'])("is refused: %s", (text) => {
    expect(answerOf(runOn(named("set"), text))).toMatchObject({
      success: false,
      error: { code: "part.invalid_input" },
    });
  });
});
