/** Writes `generated/recipes.ts` from `recipes/<service>/<action>.yaml` and `recipes/auth/<service>.yaml`. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { loadTs, replaceFile } from "./load-ts.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const TARGET = join(ROOT, "generated", "recipes.ts");

/** Does nothing when nothing has changed. A recipe that does not parse ends the build, with its file and field. */
export async function buildRecipes() {
  const files = yamlFiles(join(ROOT, "recipes")).sort();
  if (isFresh(files)) return;
  const { parseRecipe, parseAuthRecipe } = await loadTs("shared/recipe.ts");
  const isAuth = (file) => basename(dirname(file)) === "auth";
  const recipes = read(
    files.filter((file) => !isAuth(file)),
    parseRecipe,
    "canonicalId",
  );
  const auths = read(files.filter(isAuth), parseAuthRecipe, "service");
  for (const { canonicalId, auth } of Object.values(recipes)) {
    if (auth !== undefined && auths[auth] === undefined) throw new Error(`recipe ${canonicalId}: there is no recipes/auth/${auth}.yaml`);
  }
  await mkdir(dirname(TARGET), { recursive: true });
  await replaceFile(TARGET, render(recipes, auths));
}

function read(files, parseFile, key) {
  const found = {};
  for (const file of files) {
    const name = basename(file, ".yaml");
    try {
      const value = parseFile(parse(readFileSync(file, "utf8")));
      if (value[key] !== name) throw new Error(`its name is ${value[key]}, and its file's is ${name}`);
      if (found[name]) throw new Error("another file has this name");
      found[name] = value;
    } catch (error) {
      throw new Error(`${relative(ROOT, file)}: ${error.message}`);
    }
  }
  return found;
}

function render(recipes, auths) {
  return `// Generated from recipes/ by scripts/build-recipes.mjs.
import type { AuthRecipe, Recipe } from "../shared/recipe.ts";

export const RECIPES: Readonly<Record<string, Recipe>> = ${literal(recipes)};

export const AUTH_RECIPES: Readonly<Record<string, AuthRecipe>> = ${literal(auths)};
`;
}

/** Optional fields are written as undefined: the types insist on their presence. */
function literal(value) {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (value === undefined || typeof value !== "object" || value === null) return String(JSON.stringify(value));
  return `{ ${Object.entries(value)
    .map(([key, field]) => `${JSON.stringify(key)}: ${literal(field)}`)
    .join(", ")} }`;
}

function isFresh(files) {
  if (!existsSync(TARGET)) return false;
  const builtAt = statSync(TARGET).mtimeMs;
  const folders = new Set(files.map((file) => dirname(file)).concat(join(ROOT, "recipes"))); // a file that was removed changes its folder
  const sources = [...files, ...folders, join(ROOT, "shared/recipe.ts"), fileURLToPath(import.meta.url)];
  return sources.every((path) => statSync(path).mtimeMs < builtAt);
}

function yamlFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return yamlFiles(path);
    return entry.name.endsWith(".yaml") ? [path] : [];
  });
}
