import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { ERROR_CODES } from "../../shared/model/errors.ts";
import { ISSUE_CODES } from "../../shared/model/definition/issue-codes.ts";
import { read } from "./documents.ts";

const FOLDER = "shared/model";
const FAMILIES = "config|definition|flow|input|policy|schedule|template|trigger";
const sources = readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts") && !name.endsWith("issue-codes.ts"))
  .map((name) => read(`${FOLDER}/${name}`));
/** `config.unknown_node`, written as a template. */
const MADE = ["config", "policy"].flatMap((family) =>
  ["not_a_map", "duplicate_node", "unknown_node"].map((problem) => `${family}.${problem}`),
);
const isError = (code: string): boolean => Object.hasOwn(ERROR_CODES, code);
const used = new Set(
  sources.flatMap((text) => [...text.matchAll(new RegExp(`"((?:${FAMILIES})\\.[a-z_]+)"`, "g"))].map(([, code = ""]) => code)),
);

it("Every code that a push may answer is in the table, and no other", () => {
  expect([...used].filter((code) => !Object.hasOwn(ISSUE_CODES, code) && !isError(code))).toEqual([]);
  expect(Object.keys(ISSUE_CODES).filter((code) => !used.has(code) && !MADE.includes(code))).toEqual([]);
});

it("The table says of each whether it refuses", () => {
  const told = sources.flatMap((text) =>
    [...text.matchAll(new RegExp(`(?:issues|checker\\.issues)\\.(error|warn)\\([^;]{0,120}?"((?:${FAMILIES})\\.[a-z_]+)"`, "g"))].map(
      ([, method, code = ""]) => [code, method === "warn" ? "warning" : "error"] as const,
    ),
  );
  expect(told.length).toBeGreaterThan(40);
  expect(told.filter(([code, kind]) => !isError(code) && ISSUE_CODES[code]?.kind !== kind)).toEqual([]);
});
