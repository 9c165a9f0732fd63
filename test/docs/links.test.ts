import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { documents, prose, read } from "./documents.ts";

const LINK = /\]\(([^)\s]+)\)/g;
/** A path of this project in backticks: `shared/model/fold.ts`. */
const NAMED_FILE = /`((?:docs|examples|parts|recipes|scripts|shared|test|workers)\/[\w./-]+\.\w+)`/g;

const isRelative = (target: string): boolean => !/^[a-z]+:|^#/.test(target);

describe.each(documents())("%s", (file) => {
  it("links to files that exist", () => {
    const targets = [...prose(file).matchAll(LINK)].flatMap(([, target = ""]) => (isRelative(target) ? target.replace(/#.*$/, "") : []));
    expect(targets.filter((target) => !existsSync(join(dirname(file), target)))).toEqual([]);
  });

  it("names files that exist", () => {
    const named = [...prose(file).matchAll(NAMED_FILE)].map(([, path = ""]) => path);
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });
});

it("finds links and names of files at all", () => {
  expect([...prose("README.md").matchAll(LINK)].length).toBeGreaterThan(5);
  expect([...prose("docs/architecture.md").matchAll(NAMED_FILE)].length).toBeGreaterThan(20);
});

it("the README tells every environment variable that the supervisor reads", () => {
  const names = [...read("scripts/supervisor/settings.mjs").matchAll(/\benv\.([A-Z_]+)/g)].map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThan(3);
  const rows = read("README.md")
    .split("\n")
    .map((line) => /^\| `([A-Z_]+)` *\|/.exec(line)?.[1]);
  expect(names.filter((name) => !rows.includes(name))).toEqual([]);
});
