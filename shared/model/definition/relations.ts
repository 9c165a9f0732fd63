/** The relations of the flow: one table, from which the documentation is made too. */
import { type Issues, meant, shown } from "./issues.ts";
import { readForeach } from "./parse-foreach.ts";
import type { FlowRelation } from "./workflow.ts";

type Argument = "none" | "optional" | "required" | "loop";

export type RelationRow = {
  readonly name: string;
  /** The first is the one that the documentation uses. */
  readonly words: readonly string[];
  /** What stands in parentheses after the word. */
  readonly argument: Argument;
  readonly followed: string;
  readonly make: (argument: string) => FlowRelation;
};

const branch = (name: string): FlowRelation => ({ kind: "branch", branch: name });

/** All relations and all their words. */
export const RELATIONS: readonly RelationRow[] = [
  {
    name: "PIPE",
    words: ["PIPE", "THEN", "完成後"],
    argument: "none",
    followed: "A is done, whatever its result",
    make: () => ({ kind: "pipe" }),
  },
  {
    name: "ON_SUCCESS",
    words: ["ON_SUCCESS", "SUCCESS", "成功時"],
    argument: "none",
    followed: "A succeeded",
    make: () => ({ kind: "success" }),
  },
  {
    name: "ON_FAIL",
    words: ["ON_FAIL", "FAIL", "ON_FAILURE", "失敗時"],
    argument: "optional",
    followed: "A failed for good; with a code, only with that error code",
    make: (code) => ({ kind: "fail", ...(code === "" ? {} : { code }) }),
  },
  {
    name: "ON_TRUE",
    words: ["ON_TRUE", "TRUE", "成立時", "為真時"],
    argument: "none",
    followed: "A succeeded and its branch is true",
    make: () => branch("true"),
  },
  {
    name: "ON_FALSE",
    words: ["ON_FALSE", "FALSE", "ELSE", "不成立時", "為假時", "否則"],
    argument: "none",
    followed: "A succeeded and its branch is false",
    make: () => branch("false"),
  },
  {
    name: "ON_BRANCH(x)",
    words: ["ON_BRANCH", "BRANCH", "分支"],
    argument: "required",
    followed: "A succeeded and its branch is x",
    make: branch,
  },
  {
    name: "WHEN(expr)",
    words: ["WHEN", "IF", "條件滿足時"],
    argument: "required",
    followed: "A succeeded and the expression is true",
    make: (expression) => ({ kind: "when", expression }),
  },
  {
    name: "FOREACH x",
    words: ["FOREACH", "對每個"],
    argument: "loop",
    followed: "A succeeded; B and what follows runs once per item",
    make: () => ({ kind: "gather" }), // never asked: `parse-foreach.ts` reads it
  },
  {
    name: "GATHER",
    words: ["GATHER", "彙整", "全部完成後"],
    argument: "none",
    followed: "every item of the innermost loop has ended",
    make: () => ({ kind: "gather" }),
  },
];

/** Written without a condition in old files, where it meant ON_SUCCESS. */
const BARE_IF: readonly string[] = ["IF", "條件滿足時"];

const ROW_OF = new Map(RELATIONS.flatMap((row) => row.words.map((word) => [word, row] as const)));
/** Whether a text is a word of the table; such a text in the place of a node is a slip. */
export const isRelationWord = (text: string): boolean => ROW_OF.has(text);

/** The relation, or `undefined` after saying what is wrong with it. */
export function readRelation(text: string, pointer: string, issues: Issues): FlowRelation | undefined {
  const [, word = "", inner] = /^([^\s(]*)\s*(?:\((.*)\))?$/su.exec(text) ?? [undefined, text.split(/[\s(]/u)[0]];
  const row = ROW_OF.get(word);
  if (row === undefined) return unknownRelation(text, word, pointer, issues);
  if (row.argument === "loop") return readForeach(text.slice(word.length), pointer, issues);
  if (inner === undefined && BARE_IF.includes(text)) {
    issues.warn(pointer, "flow.bare_condition", `${text} without a condition is read as ON_SUCCESS; write ON_SUCCESS, or ${text}(expr)`);
    return { kind: "success" };
  }
  const argument = inner?.trim() ?? "";
  const wrong = inner === undefined ? text !== word || row.argument === "required" : row.argument === "none" || argument === "";
  if (wrong) {
    const form = { none: word, optional: `${word} or ${word}(code)`, required: `${word}(…)` }[row.argument];
    issues.error(pointer, "flow.malformed_relation", `found ${shown(text)}; expected ${form}`);
    return undefined;
  }
  return row.make(argument);
}

function unknownRelation(text: string, word: string, pointer: string, issues: Issues): undefined {
  const expected = RELATIONS.map(({ name }) => name).join(", ");
  const near = meant(word, ROW_OF.keys());
  issues.error(pointer, "flow.unknown_relation", `unknown relation ${shown(text)}; expected one of ${expected}.${near}`);
}
