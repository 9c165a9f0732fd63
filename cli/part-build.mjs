/** `acr part build`: compiles, and checks the part and its manifest as an upload does. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { buildEngine } from "../scripts/parts/build-engine.mjs";
import { loadTs } from "../scripts/load-ts.mjs";
import { CliError } from "./cli-error.mjs";
import { LANGUAGES } from "./languages.mjs";

export async function buildPart(argument, options, world) {
  const { folder, part } = await build(argument, options, world);
  const { manifest, file, facts, told } = part;
  const { name, version } = manifest;
  return { text: `${name} ${version}: ${told}. ${relative(world.cwd, file)}`, name, version, folder, file, ...facts };
}

/**
 * What the other commands begin with: `{ folder, manifestText, engine, part }`. `engine` is `part-engine.ts`; of the part there are
 * its manifest, `run` (a `PartRun` to its outcome), and `wasm` or `source`, which is uploaded.
 * @throws CliError `part.not_found`, `part_invalid`, `compiler.*`, `wasm.*`, `program.*`, `validation_failed`
 */
export async function build(argument = ".", { wasm }, { cwd }) {
  const folder = resolve(cwd, argument);
  const engine = await loadTs("cli/part-engine.ts");
  const manifestText = readText(join(folder, "part.yaml"), folder);
  const parsed = engine.parsePart(manifestText);
  if (!parsed.ok) throw manifestError(parsed.errors);
  const { manifest } = parsed;
  const file = wasm === undefined ? await compile(folder) : resolve(cwd, wasm);
  const bytes = readBytes(file);
  const isProgram = wasm === undefined && file.endsWith(".js");
  const part = isProgram ? await programPart(engine, bytes, manifest, file) : modulePart(engine, bytes, manifest, file);
  return { folder, manifestText, engine, part: { manifest, file, ...part } };
}

function modulePart(engine, wasm, manifest, file) {
  const { metered, imports } = accepted(engine.checkModule(wasm, manifest), file);
  const facts = { module_bytes: wasm.length, metered_bytes: metered.length, imports };
  const told = `${wasm.length} bytes (${metered.length} with metering), ${imports.length} imports`;
  return { wasm, facts, told, run: engine.moduleRunner(metered) };
}

/** The engine meters, not the program. */
async function programPart(engine, source, manifest, file) {
  const { module } = await buildEngine({ quiet: true });
  const { loadFuel, run } = accepted(engine.checkProgram(module, source, manifest), file);
  const told = `${source.length} bytes, ${loadFuel.toLocaleString("en-US")} instructions to load it for a run`;
  return { source, facts: { source_bytes: source.length, load_fuel: loadFuel }, told, run };
}

function accepted(checked, file) {
  if (!checked.ok) throw new CliError("failed", checked.error.code, checked.error.message, { file });
  return checked;
}

function readText(file, folder) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new CliError(
      "usage",
      "part.not_found",
      `${folder} has no ${file.slice(folder.length + 1)}; is it the folder of a part? acr part new NAME makes one`,
    );
  }
}

function readBytes(file) {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CliError("usage", "part.not_found", `the module cannot be read: ${error.message}`);
  }
}

function manifestError(errors) {
  const lines = errors.map(({ pointer, detail, line }) => `  part.yaml${line === undefined ? "" : `:${line}`} ${pointer}: ${detail}`);
  return new CliError("failed", "part_invalid", `the manifest is not right:\n${lines.join("\n")}`, { errors });
}

async function compile(folder) {
  const language = Object.values(LANGUAGES).find(({ sources }) => sources.some((source) => existsSync(join(folder, source))));
  if (language === undefined) {
    const expected = Object.values(LANGUAGES).flatMap(({ sources }) => sources);
    throw new CliError("usage", "part.no_source", `${folder} has no source; expected one of ${expected.join(", ")}, or --wasm FILE`);
  }
  mkdirSync(join(folder, "build"), { recursive: true });
  const target = join(folder, "build", language.target);
  await language.compile(folder, target);
  return target;
}
