import { createHash } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { join, resolve } from "node:path";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Imports a TypeScript module of this project, which Node 20 cannot do by itself.
 * The bundle lies inside the project, so that its packages are found.
 */
export async function loadTs(file) {
  const { outputFiles } = await build({
    entryPoints: [resolve(root, file)],
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    logLevel: "silent",
  });
  const code = outputFiles[0].contents;
  const hash = createHash("sha256").update(code).digest("hex").slice(0, 24);
  const folder = join(root, "generated", ".load");
  const path = join(folder, `${hash}.mjs`);
  await mkdir(folder, { recursive: true });
  await replaceFile(path, code);
  return import(pathToFileURL(path).href);
}

let written = 0;

/** A reader sees the old file or the new one, never half of it; two builds at once do no harm. */
export async function replaceFile(path, content) {
  written += 1;
  const draft = `${path}.${process.pid}.${written}`;
  await writeFile(draft, content);
  await rename(draft, path);
}
