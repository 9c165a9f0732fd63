/** `acr part build`: compiles, and checks module and manifest exactly as an upload does. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { buildEngine } from "../scripts/parts/build-engine.mjs";
import { loadTs } from "../scripts/load-ts.mjs";
import { CliError } from "./cli-error.mjs";
import { LANGUAGES } from "./languages.mjs";

export async function buildPart(argument, options, world) {
  const { folder, part } = await build(argument, options, world);
  const { name, version } = part.manifest;
  const [module_bytes, metered_bytes] = [part.wasm.length, part.metered.length];
  const text = `${name} ${version}: ${module_bytes} bytes (${metered_bytes} with metering), ${part.imports.length} imports. ${relative(world.cwd, part.file)}`;
  return { text, name, version, folder, file: part.file, module_bytes, metered_bytes, imports: part.imports };
}

/**
 * What the other commands begin with: `{ folder, manifestText, engine, part }`. `engine` is `part-engine.ts`.
 * @throws CliError `part.not_found`, `part_invalid`, `compiler.*`, `wasm.*`
 */
export async function build(argument = ".", { wasm }, { cwd }) {
  const folder = resolve(cwd, argument);
  const engine = await loadTs("cli/part-engine.ts");
  const manifestText = readText(join(folder, "part.yaml"), folder);
  const parsed = engine.parsePart(manifestText);
  if (!parsed.ok) throw manifestError(parsed.errors);
  const file = wasm === undefined ? await compile(folder) : resolve(cwd, wasm);
  const bytes = readBytes(file);
  const { manifest } = parsed;
  const part = file.endsWith(".js") ? await programPart(engine, bytes, manifest) : modulePart(engine, bytes, manifest, file);
  return { folder, manifestText, engine, part: { manifest, file, ...part } };
}

function modulePart(engine, wasm, manifest, file) {
  const checked = engine.checkModule(wasm, manifest);
  if (!checked.ok) throw new CliError("failed", checked.error.code, checked.error.message, { file });
  return { wasm, metered: checked.metered, imports: checked.imports, run: engine.moduleRunner(checked.metered) };
}

/** The engine meters, not the program. */
async function programPart(engine, source, manifest) {
  const checked = engine.checkSource(source);
  if (!checked.ok) throw new CliError("failed", checked.error.code, checked.error.message);
  const { module } = await buildEngine({ quiet: true });
  return { source, wasm: source, metered: source, imports: [], run: engine.programRunner(module, source, manifest) };
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
