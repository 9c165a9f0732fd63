import { describe, expect, it } from "vitest";
import { read } from "./documents.ts";

const WORDS = (
  "workflow, node, edge, part, recipe, run, step, attempt, lease, claim, settle, callback token, dead letter, scope, " +
  "hint, fold, log, join, branch, redrive, tenant"
).split(", ");

describe("the glossary", () => {
  const entries = [...read("docs/glossary.md").matchAll(/^[*-] \*\*([^*]+)\*\*: (.+)/gm)].map(([, word = "", meaning = ""]) => ({
    word,
    meaning,
  }));

  it("explains the words of the engine", () => {
    expect(entries.map(({ word }) => word)).toEqual(expect.arrayContaining(WORDS));
  });

  it("explains each word once, in a sentence", () => {
    expect(new Set(entries.map(({ word }) => word)).size).toBe(entries.length);
    expect(entries.filter(({ meaning }) => !/\w.*\./.test(meaning))).toEqual([]);
  });
});
