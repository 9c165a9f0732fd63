/** One JavaScript module of a program and all that it imports. Resolves to its text. */
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "./built-files.mjs";
import { timeZones } from "./time-zones.mjs";

export async function bundleProgram(entry) {
  const { outputFiles } = await build({
    entryPoints: [join(root, entry)],
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser", // the closest to an engine that has nothing but the language
    target: "es2023",
    minifySyntax: true,
    minifyWhitespace: true,
    external: ["stream"], // papaparse would take it for streams of Node, which are never made here
    legalComments: "none",
    charset: "utf8",
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "error",
    plugins: [timeZones],
  });
  return outputFiles[0].text;
}
