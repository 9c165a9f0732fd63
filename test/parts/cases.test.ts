import { Validator } from "@cfworker/json-schema";
import { describe, expect, it } from "vitest";
import { inputError } from "../../workers/runner/check-input.ts";
import { answerOf, buildAndReadParts, requestOf, runOn } from "./built-parts.ts";

const parts = buildAndReadParts();

describe.each(parts.map((part) => ({ name: part.manifest.name, part })))("the part $name", ({ part }) => {
  const { cases, manifest } = part;

  it.each(cases)("$name", ({ given, exchanges, expect: expected }) => {
    const results = exchanges.map(({ result }) => result);
    for (const [n, { request }] of exchanges.entries()) {
      const asked = requestOf(runOn(part, given, results.slice(0, n)));
      if (request === undefined) expect(asked).toHaveProperty("call");
      else expect(asked).toEqual(request);
      expect(manifest.calls).toContain(Object(asked).call);
    }
    expect(answerOf(runOn(part, given, results))).toEqual(expected);
  });

  it("has a case that fails", () => {
    expect(cases.some(({ expect: { success } }) => success === false)).toBe(true);
  });

  it("describes what it takes and gives: every case that succeeds fits the schemas", () => {
    const input = new Validator(manifest.input, "2020-12", false);
    const output = new Validator(manifest.output, "2020-12", false);
    for (const { name, given, expect: answer } of cases) {
      if (answer["success"] === false) continue;
      const document: unknown = typeof given === "string" ? JSON.parse(given) : given;
      expect({ name, refused: inputError(manifest, document) }).toEqual({ name, refused: undefined });
      expect({ name, errors: input.validate(document).errors }).toEqual({ name, errors: [] });
      if ("data" in answer)
        expect({ name, errors: output.validate(answer["data"]).errors }).toEqual({
          name,
          errors: [],
        });
    }
  });
});
