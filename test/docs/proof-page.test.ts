import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { read } from "./documents.ts";

const page = read("docs/proof.md") + read("SECURITY.md");
const scripts: Readonly<Record<string, string>> = JSON.parse(read("package.json")).scripts;

it("Every file that a proof is said to lie in is there", () => {
  const files = [...page.matchAll(/`(?:node )?((?:test|bench|docs)\/[^\s`]+)/g)].map(([, file = ""]) => file);
  expect(files.length).toBeGreaterThan(40);
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
});

it("Every command that proves something is one", () => {
  const commands = [...page.matchAll(/`npm run ([a-z:]+)/g)].map(([, name = ""]) => name);
  expect(commands.length).toBeGreaterThan(8);
  expect(commands.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});
