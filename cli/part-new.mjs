/** `acr part new`: a folder to begin with. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CliError } from "./cli-error.mjs";
import { LANGUAGES } from "./languages.mjs";

const TEMPLATES = fileURLToPath(new URL("templates", import.meta.url));
const NAME = /^[a-z][a-z0-9_]{0,63}$/;
/** The name that the templates have. */
const SAMPLE_NAME = /\bmy_part\b/g;

export function newPart(name, { lang = "assemblyscript" }, { cwd }) {
  if (name === undefined || !NAME.test(name))
    throw new CliError("usage", "usage", "a part needs a name: lower case letters, digits and _, beginning with a letter");
  if (!Object.hasOwn(LANGUAGES, lang))
    throw new CliError("usage", "usage", `--lang is ${lang}; expected one of ${Object.keys(LANGUAGES).join(", ")}`);
  const folder = resolve(cwd, name);
  if (existsSync(folder)) throw new CliError("failed", "folder.exists", `${folder} is there already; nothing was written`);
  mkdirSync(folder, { recursive: true });
  for (const template of ["part", lang]) cpSync(join(TEMPLATES, template), folder, { recursive: true });
  for (const file of readdirSync(folder).map((entry) => join(folder, entry))) {
    if (statSync(file).isFile()) writeFileSync(file, readFileSync(file, "utf8").replaceAll(SAMPLE_NAME, name));
  }
  writeFileSync(join(folder, ".gitignore"), "build/\n");
  const files = readdirSync(folder).toSorted();
  const shown = relative(cwd, folder);
  const text = `${files.map((file) => `  ${join(shown, file)}`).join("\n")}\nNext: acr part test ${shown}`;
  return { text, name, lang, folder, files };
}
