import { describe, expect, it } from "vitest";
import type { PartAnswer } from "../../../workers/runner/part-answer.ts";
import { parseAnswer } from "../../../workers/runner/part-answer.ts";

const parse = (text: string, maxDepth = 64): PartAnswer => parseAnswer(new TextEncoder().encode(text), maxDepth);
const code = (answer: PartAnswer): string => (answer.kind === "failure" ? answer.error.code : answer.kind);
const unexplained = "the part failed and did not say why";

const ANSWERS: readonly (readonly [string, PartAnswer])[] = [
  ['{"success":true,"data":{"a":1}}', { kind: "success", output: { success: true, data: { a: 1 } } }],
  ['{"success":true}', { kind: "success", output: { success: true, data: null } }],
  ['{"success":true,"data":1,"error":null}', { kind: "success", output: { success: true, data: 1 } }],
  ['{"success":true,"data":1,"took_ms":5}', { kind: "success", output: { success: true, data: 1, took_ms: 5 } }],
  ['{"success":true,"data":1,"branch":"red"}', { kind: "success", output: { success: true, data: 1, branch: "red" }, branch: "red" }],
  ['{"success":true,"data":1,"branch":false}', { kind: "success", output: { success: true, data: 1, branch: false }, branch: "false" }],
  ['{"a":1}', { kind: "success", output: { success: true, data: { a: 1 } } }],
  ['{"success":"yes"}', { kind: "success", output: { success: true, data: { success: "yes" } } }],
  ["[1,2]", { kind: "success", output: { success: true, data: [1, 2] } }],
  [' "text"\n', { kind: "success", output: { success: true, data: "text" } }],
  ["null", { kind: "success", output: { success: true, data: null } }],
  ['{"pending":true,"task_id":"t1"}', { kind: "pending", taskId: "t1", output: { pending: true, task_id: "t1" } }],
  ['{"pending":true,"data":2}', { kind: "pending", output: { pending: true, data: 2 } }],
];

const FAILURES: readonly (readonly [string, object, object])[] = [
  ['{"success":false}', { code: "part.failed", message: unexplained, retryable: false }, {}],
  ['{"success":false,"error":"out of paper","data":3}', { code: "part.failed", message: "out of paper", retryable: false }, { data: 3 }],
  ['{"success":true,"error":"x"}', { code: "part.failed", message: "x", retryable: false }, {}],
  ['{"error":{"code":"paper.jam","message":"stuck"}}', { code: "paper.jam", message: "stuck", retryable: false }, {}],
  ['{"pending":true,"error":"x"}', { code: "part.failed", message: "x", retryable: false }, {}],
  [
    '{"success":false,"error":{"code":"a.b","message":"m","retryable":true,"details":[1]}}',
    { code: "a.b", message: "m", retryable: true, details: [1] },
    {},
  ],
  ['{"success":false,"error":{"code":5}}', { code: "part.failed", message: unexplained, retryable: false }, {}],
  ['{"success":false,"error":[1]}', { code: "part.failed", message: "[1]", retryable: false }, {}],
];

describe("parseAnswer", () => {
  it.each(ANSWERS)("reads %s", (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it.each(FAILURES)("reads the failure %s", (text, error, more) => {
    expect(parse(text)).toEqual({
      kind: "failure",
      error,
      output: { success: false, error, ...more },
    });
  });

  it("keeps the hint when to try again", () => {
    const answer = parse('{"success":false,"error":{"code":"a.b","message":"m","retryable":true,"retry_after_ms":1500}}');
    expect(answer).toMatchObject({ error: { retryable: true, retryAfterMs: 1500 } });
  });

  it.each(["", "{", "{'a':1}", '{"a":1}{"b":2}', "NaN", "log line\n{}"])("calls %j a bad answer", (text) => {
    expect(code(parse(text))).toBe("part.bad_output");
  });

  it("calls what is not UTF-8 a bad answer", () => {
    expect(code(parseAnswer(Uint8Array.from([0x22, 0xc3, 0x22]), 64))).toBe("part.bad_output");
  });

  it("takes nesting up to the limit and not beyond, whatever texts hold", () => {
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    expect([code(parse(nested(64))), code(parse(nested(65))), code(parse(nested(1_000_000)))]).toEqual([
      "success",
      "part.bad_output",
      "part.bad_output",
    ]);
    expect(code(parse('["[[[[ \\" [[[[", "\\\\", {"{{{{": "}}}}"}]', 2))).toBe("success");
    expect(code(parse('["\\\\", [[]]]', 2))).toBe("part.bad_output");
  });

  it("takes `__proto__` for an ordinary field", () => {
    const answer = parse('{"success":true,"data":1,"__proto__":{"polluted":true}}');
    expect([JSON.stringify(answer.output), Object.getPrototypeOf(answer.output) === Object.prototype]).toEqual([
      '{"success":true,"data":1,"__proto__":{"polluted":true}}',
      true,
    ]);
  });
});
