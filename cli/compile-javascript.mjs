/** Bundles a part in JavaScript or TypeScript, with all that it imports, into the one module that the engine runs. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { CliError } from "./cli-error.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

export async function compileJavaScript(folder, target) {
  const entry = ["main.js", "main.ts"].map((file) => join(folder, file)).find(existsSync);
  let isPart = false;
  try {
    const { metafile } = await build({
      entryPoints: [entry],
      outfile: target,
      bundle: true,
      format: "esm",
      platform: "browser", // the closest to an engine that has nothing but the language
      target: "es2023",
      alias: { arcrun: ROOT },
      charset: "utf8",
      metafile: true,
      logLevel: "silent",
    });
    isPart = Object.values(metafile.outputs).some(({ exports }) => exports.includes("default"));
  } catch (error) {
    throw new CliError("failed", "compiler.failed", `esbuild failed:\n${error.message}`);
  }
  if (!isPart) throw new CliError("failed", "compiler.failed", `${entry} has no default export; it must be a function (input, arcrun)`);
}
