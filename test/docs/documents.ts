/** The project's documents, as the tests read them. Paths are relative to the root of the project. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type Snippet = { readonly file: string; readonly language: string; readonly text: string };

const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm;

export const read = (file: string): string => readFileSync(file, "utf8");

/** README, CONTRIBUTING, SECURITY, and everything under `docs/`. */
export function documents(): readonly string[] {
  const found = readdirSync("docs", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"));
  return ["README.md", "CONTRIBUTING.md", "SECURITY.md", ...found.sort().map((name) => join("docs", name))];
}

export const snippets = (file: string): readonly Snippet[] =>
  [...read(file).matchAll(FENCE)].map(([, language = "", text = ""]) => ({ file, language, text }));

/** The text without fenced code, in which nothing is a link. */
export const prose = (file: string): string => read(file).replaceAll(FENCE, "");
