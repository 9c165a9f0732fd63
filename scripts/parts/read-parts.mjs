/** Finds the parts: a folder with a manifest and a source, `index.ts` in AssemblyScript or `main.ts` in TypeScript. */
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { bundleProgram } from "./bundle-program.mjs";
import { builtDigest, filesOf, keyOf, root, sha256 } from "./built-files.mjs";

const KINDS = { "index.ts": { kind: "wasm", extension: "wasm" }, "main.ts": { kind: "javascript", extension: "bin" } };

/** Resolves to the parts by name; `digest` is undefined for those that have to be built, `program` is the bundle of one in TypeScript. */
export async function readParts(engine, parsePartManifest) {
  const folders = await findFolders();
  const common = await commonKey();
  return Promise.all(folders.map((folder) => readPart(folder, { common, engine, parsePartManifest })));
}

async function findFolders() {
  const entries = await readdir(join(root, "parts"), { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const found = await Promise.all(names.map(async (name) => ({ name, files: await readdir(join(root, "parts", name)) })));
  return found
    .filter(({ files }) => files.includes("part.yaml"))
    .flatMap(({ name, files }) => Object.keys(KINDS).flatMap((source) => (files.includes(source) ? [{ name, source }] : [])))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What the bytes of every part in AssemblyScript depend on. */
async function commonKey() {
  const files = [
    ...(await filesOf("parts/sdk")),
    ...(await filesOf("shared/metering")),
    "scripts/compile-part.mjs",
    "node_modules/assemblyscript/package.json",
  ];
  return keyOf(files);
}

async function readPart({ name, source }, { common, engine, parsePartManifest }) {
  const yaml = parse(await readFile(join(root, "parts", name, "part.yaml"), "utf8"));
  let manifest;
  try {
    manifest = parsePartManifest(yaml, "");
  } catch (error) {
    throw new Error(`parts/${name}/part.yaml: ${error.message}`, { cause: error });
  }
  if (manifest.name !== name) throw new Error(`parts/${name}/part.yaml: the name must be that of the folder, it is ${manifest.name}`);
  const { kind, extension } = KINDS[source];
  const program = kind === "javascript" ? await bundleProgram(`parts/${name}/main.ts`) : undefined;
  const key =
    program === undefined
      ? sha256(`${common} ${await keyOf(await filesOf(`parts/${name}`))} ${manifest.memoryMib}`)
      : await keyOf(["scripts/parts/build-js-part.mjs", "workers/runner/js-program.ts"], engine.digest, program, `${manifest.memoryMib}`);
  const { memoryMib } = manifest;
  return { name, yaml, kind, extension, program, key, memoryMib, digest: await builtDigest(name, extension, key) };
}
