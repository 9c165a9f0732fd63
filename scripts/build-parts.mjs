/** Compiles, meters and registers the built-in parts: `parts/<name>/` → `generated/`. */
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { parse } from "yaml";
import { loadTs, replaceFile } from "./load-ts.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = join(root, "generated", "parts");
const PAGES_PER_MIB = 16;
const MAX_COMPILERS = 4;

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/**
 * Builds what has changed since the last time, and writes the registries.
 * @returns the manifests by name
 * @throws Error when a part does not compile or its manifest is wrong; nothing is registered then
 */
export async function buildParts({ quiet = false } = {}) {
  await mkdir(target, { recursive: true });
  const names = await partNames();
  const common = await commonKey();
  const { meter } = await loadTs("shared/metering/meter.ts");
  const { parsePartManifest } = await loadTs("shared/part-manifest.ts");
  const parts = await Promise.all(names.map((name) => readPart(name, common, parsePartManifest)));
  const stale = parts.filter((part) => part.digest === undefined);
  await compileAll(stale, (part, compiled) => finishPart(part, meter(compiled, { maxMemoryPages: part.memoryMib * PAGES_PER_MIB }), quiet));
  if (!quiet) console.log(`parts: ${parts.length}, of which ${stale.length} were compiled`);
  const manifests = Object.fromEntries(parts.map((part) => [part.name, parsePartManifest(part.yaml, part.digest)]));
  checkNames(manifests);
  await writeRegistries(manifests);
  return manifests;
}

/** The folders that hold both a manifest and a source in AssemblyScript. */
async function partNames() {
  const entries = await readdir(join(root, "parts"), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const files = await Promise.all(folders.map((name) => readdir(join(root, "parts", name))));
  return folders.filter((_, i) => ["part.yaml", "index.ts"].every((file) => files[i].includes(file))).sort();
}

/** What the bytes of every part depend on. */
async function commonKey() {
  const files = [
    ...(await filesOf("parts/sdk")),
    ...(await filesOf("shared/metering")),
    "scripts/compile-part.mjs",
    "node_modules/assemblyscript/package.json",
  ];
  return keyOf(files);
}

async function filesOf(folder) {
  const names = await readdir(join(root, folder));
  return names
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .map((name) => `${folder}/${name}`);
}

async function keyOf(files) {
  const hash = createHash("sha256");
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(await readFile(join(root, file)))
      .update("\0");
  return hash.digest("hex");
}

async function readPart(name, common, parsePartManifest) {
  const yaml = parse(await readFile(join(root, "parts", name, "part.yaml"), "utf8"));
  let manifest;
  try {
    manifest = parsePartManifest(yaml, "");
  } catch (error) {
    throw new Error(`parts/${name}/part.yaml: ${error.message}`, { cause: error });
  }
  if (manifest.name !== name) throw new Error(`parts/${name}/part.yaml: the name must be that of the folder, it is ${manifest.name}`);
  const key = sha256(`${common} ${await keyOf(await filesOf(`parts/${name}`))} ${manifest.memoryMib}`);
  return { name, yaml, key, memoryMib: manifest.memoryMib, digest: await builtDigest(name, key) };
}

/** The digest of what was built from exactly these sources; undefined when there is none, or when it was damaged. */
async function builtDigest(name, key) {
  try {
    const built = JSON.parse(await readFile(join(target, `${name}.json`), "utf8"));
    if (built.key !== key) return undefined;
    return sha256(await readFile(join(target, `${name}.wasm`))) === built.digest ? built.digest : undefined;
  } catch {
    return undefined; // never built
  }
}

async function finishPart(part, metered, quiet) {
  part.digest = sha256(metered);
  await replaceFile(join(target, `${part.name}.wasm`), metered);
  await replaceFile(join(target, `${part.name}.json`), JSON.stringify({ key: part.key, digest: part.digest }));
  if (!quiet) console.log(`part ${part.name}: ${metered.length} bytes, ${part.digest.slice(0, 12)}`);
}

/** Compiles in a few threads; `finished` is called for each part with its module. */
async function compileAll(parts, finished) {
  const queue = [...parts];
  const threads = Math.min(parts.length, availableParallelism(), MAX_COMPILERS);
  await Promise.all(Array.from({ length: threads }, () => compileFrom(queue, finished)));
}

async function compileFrom(queue, finished) {
  const worker = new Worker(new URL("compile-part.mjs", import.meta.url), { workerData: { root } });
  try {
    for (let part = queue.shift(); part !== undefined; part = queue.shift()) await finished(part, await compileOne(worker, part.name));
  } finally {
    await worker.terminate();
  }
}

function compileOne(worker, name) {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", ({ wasm, problem }) => {
      worker.off("error", reject);
      if (wasm === undefined) reject(new Error(`parts/${name} does not compile:\n${problem}`));
      else resolve(wasm);
    });
    worker.postMessage(name);
  });
}

/** One name means one part. */
function checkNames(manifests) {
  const owners = new Map();
  for (const { name, aliases } of Object.values(manifests)) {
    for (const taken of [name, ...aliases]) {
      if (owners.has(taken)) throw new Error(`the name ${taken} is claimed by the parts ${owners.get(taken)} and ${name}`);
      owners.set(taken, name);
    }
  }
}

const HEADER = "// Written by scripts/build-parts.mjs from parts/*: change those.\n";

async function writeRegistries(manifests) {
  const listed = Object.values(manifests);
  await writeChanged(
    "part-manifests.ts",
    `${HEADER}import type { PartManifest } from "../shared/part-manifest.ts";\n\nexport const PART_MANIFESTS: Readonly<Record<string, PartManifest>> = ${JSON.stringify(manifests, null, 2)};\n`,
  );
  await writeChanged("part-manifests.json", JSON.stringify(manifests)); // for the supervisor, which reads no TypeScript
  const imports = listed.map(({ name }) => `import ${variableOf(name)} from "./parts/${name}.wasm";\n`).join("");
  const entries = listed.map(({ name, digest }) => `  "${digest}": ${variableOf(name)},\n`).join("");
  await writeChanged(
    "part-modules.ts",
    `${HEADER}${imports}\nexport const PART_MODULES: Readonly<Record<string, WebAssembly.Module>> = {\n${entries}};\n`,
  );
}

/** `switch` is no name for a variable. */
const variableOf = (name) => `part_${name}`;

/** Leaves a file alone that is right already, so that nothing that watches it starts anew. */
async function writeChanged(name, content) {
  const path = join(root, "generated", name);
  const old = await readFile(path, "utf8").catch(() => undefined);
  if (old !== content) await replaceFile(path, content);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildParts();
