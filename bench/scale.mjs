/**
 * `node bench/scale.mjs [--write] [--bench FILE]`: what Arcrun costs in production, and where it ends. Prints the page; `--write` writes `docs/scale.md`, as
 * `npm run docs` does. With `--bench` it also tells what follows from the calls, messages and rows that `npm run bench -- --json FILE` has counted.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { replaceFile } from "../scripts/load-ts.mjs";
import { renderScale } from "./scale-page.mjs";

const pathOf = (file) => fileURLToPath(new URL(file, import.meta.url));
const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));

const { values } = parseArgs({ options: { write: { type: "boolean", default: false }, bench: { type: "string" } } });
const engine = values.bench === undefined ? undefined : readJson(values.bench).engine;
const page = renderScale(readJson(pathOf("counts.json")), engine);
if (values.write) {
  await replaceFile(pathOf("../docs/scale.md"), page);
  console.log("docs/scale.md");
} else process.stdout.write(page);
