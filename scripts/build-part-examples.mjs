/** Writes `generated/part-examples.ts` from `parts/<name>/cases.yaml`: what `GET /parts/:name` and the pages show. */
import { readFile, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { replaceFile } from "./load-ts.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TARGET = join(ROOT, "generated", "part-examples.ts");

/** Does nothing when nothing has changed. A file that is no YAML ends the build, with its name. */
export async function buildPartExamples(names) {
  if (await isFresh(names)) return;
  const entries = await Promise.all(names.map(async (name) => [name, await readCases(name)]));
  const content = `// Written by scripts/build-part-examples.mjs from parts/*/cases.yaml: change those.
import type { PartExample } from "../shared/part-example.ts";

export const PART_EXAMPLES: Readonly<Record<string, readonly PartExample[]>> = JSON.parse(${asLiteral(JSON.stringify(Object.fromEntries(entries)))});
`;
  const old = await readFile(TARGET, "utf8").catch(() => undefined);
  if (old !== content) return replaceFile(TARGET, content);
  const now = new Date();
  await utimes(TARGET, now, now); // looked at, and found to be right
}

/** Every start builds what is stale, and reading all cases takes a quarter of a second. A part that was removed changes the folder. */
async function isFresh(names) {
  const sources = ["parts", "scripts/build-part-examples.mjs", ...names.map((name) => join("parts", name, "cases.yaml"))];
  const changedAt = async (path) => (await stat(path)).mtimeMs;
  const times = await Promise.all([TARGET, ...sources.map((path) => join(ROOT, path))].map(changedAt)).catch(() => undefined);
  return times !== undefined && times.slice(1).every((at) => at < times[0]);
}

/** A document that is given as a text is one in a notation of its own; here its value is enough. */
async function readCases(name) {
  const file = join("parts", name, "cases.yaml");
  try {
    const cases = parse(await readFile(join(ROOT, file), "utf8"));
    return cases.map(({ given, ...rest }) => ({ ...rest, given: typeof given === "string" ? JSON.parse(given) : given }));
  } catch (error) {
    throw new Error(`${file}: ${error.message}`, { cause: error });
  }
}

/** These two may stand in a string of JavaScript, but tools that count lines take them for ends of lines. */
const asLiteral = (text) => JSON.stringify(text).replaceAll(/[\u2028\u2029]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16)}`);
