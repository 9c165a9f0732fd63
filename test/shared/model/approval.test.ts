import { describe, expect, it } from "vitest";
import { ApprovalAnswer, ApprovalFields, answerSchema, fieldsIn } from "../../../shared/model/approval.ts";
import { schemaProblems } from "../../../shared/schema-problems.ts";

const FIELDS = ApprovalFields.parse({
  description: "Look at it",
  properties: { amount: { type: "integer", minimum: 1 }, note: { type: "string", maxLength: 3 } },
  required: ["amount"],
});

describe("the schema of an answer", () => {
  it.each<[string, unknown, readonly string[]]>([
    ["an approval with what is needed", { approved: true, by: "Ann", answers: { amount: 1 } }, []],
    ["a rejection with nothing filled in", { approved: false, by: null, answers: {} }, []],
    ["a rejection without answers", { approved: false, answers: {} }, []],
    ["an approval without what is needed", { approved: true, answers: {} }, ["/answers"]],
    [
      "an approval with a field that does not fit",
      { approved: true, answers: { amount: 0, note: "long" } },
      ["/answers/amount", "/answers/note"],
    ],
    ["no decision", { answers: { amount: 1 } }, [""]],
    ["a decision that is no boolean", { approved: "yes", answers: { amount: 1 } }, ["/approved"]],
  ])("judges %s", (_, data, pointers) => {
    expect([...new Set(schemaProblems(answerSchema(FIELDS), data).map(({ pointer }) => pointer))]).toEqual(pointers);
  });

  it("gives back the fields that it was made of", () => {
    expect(fieldsIn(JSON.parse(JSON.stringify(answerSchema(FIELDS))))).toEqual({ ...FIELDS, type: "object" });
  });

  it("of something else has no fields", () => {
    for (const schema of [undefined, null, { type: "object" }, "x"]) expect(fieldsIn(schema)).toEqual({ properties: {}, required: [] });
  });
});

it.each([{ properties: { a: { type: "array" } } }, { properties: { a: "text" } }, { type: "string" }, { properties: { a: { enum: [] } } }])(
  "fields that no form can show are refused: %j",
  (fields) => {
    expect(ApprovalFields.safeParse(fields).success).toBe(false);
  },
);

it("an answer has all three fields, whoever gave it", () => {
  expect(ApprovalAnswer.parse({ approved: true })).toEqual({ approved: true, by: null, answers: {} });
  expect(ApprovalAnswer.safeParse({ approved: "true" }).success).toBe(false);
});
