import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ERROR_CODES } from "../../shared/model/errors.ts";
import { read } from "./documents.ts";

const FOLDER = "docs/errors";
const MIN_LINES = 6;
const MAX_LINES = 20;
const rules = Object.entries(ERROR_CODES).map(([code, rule]) => ({ code, ...rule }));

/** What the page of an error says of it: for HTTP the status, for all whether the same thing again can help. */
function fact({ code, status, retryable }: (typeof rules)[number]): RegExp {
  const isHttp = !code.includes(".");
  if (isHttp)
    return retryable
      ? new RegExp(`HTTP status ${status}\\. The same request may work later`)
      : new RegExp(`HTTP status ${status}\\. The same request gets`);
  return retryable ? /It is tried again as/ : /It is not tried again|changes nothing/;
}

describe("the pages of the errors", () => {
  it("are one for each code, and no other", () => {
    const pages = readdirSync(FOLDER).map((name) => name.replace(/\.md$/, ""));
    expect(pages.sort()).toEqual(Object.keys(ERROR_CODES).sort());
  });

  it.each(rules)("say of $code what happened, why, and what to do", ({ code }) => {
    const lines = read(`${FOLDER}/${code}.md`).trimEnd().split("\n");
    expect(lines[0]).toBe(`# \`${code}\``);
    expect(lines.filter((line) => line.startsWith("## "))).toEqual(["## What happened", "## Why", "## What to do"]);
    expect(lines.length).toBeGreaterThanOrEqual(MIN_LINES);
    expect(lines.length).toBeLessThanOrEqual(MAX_LINES);
    for (const [i, line] of lines.entries()) if (line.startsWith("## ")) expect(lines[i + 2]).toMatch(/\S{3}/);
  });

  it.each(rules)("say of $code what the table of codes says", (rule) => {
    expect(read(`${FOLDER}/${rule.code}.md`)).toMatch(fact(rule));
  });
});
