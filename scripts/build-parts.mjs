/** Compiles, meters and registers the built-in parts: `parts/<name>/` → `generated/`. */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { loadTs } from "./load-ts.mjs";
import { buildEngine } from "./parts/build-engine.mjs";
import { buildImage } from "./parts/build-js-part.mjs";
import { keepBuilt, target } from "./parts/built-files.mjs";
import { imageDigest } from "./parts/image-digest.mjs";
import { compileAll } from "./parts/compile-wasm-parts.mjs";
import { readParts } from "./parts/read-parts.mjs";
import { writeRegistries } from "./parts/write-registries.mjs";

const PAGES_PER_MIB = 16;

/**
 * Builds what has changed since the last time, and writes the registries.
 * @returns the manifests by name
 * @throws Error when a part does not compile or its manifest is wrong; nothing is registered then
 */
export async function buildParts({ quiet = false } = {}) {
  await mkdir(target, { recursive: true });
  const { meter } = await loadTs("shared/metering/meter.ts");
  const { parsePartManifest } = await loadTs("shared/part-manifest.ts");
  const engine = await buildEngine({ quiet });
  const parts = await readParts(engine, parsePartManifest);
  const stale = parts.filter((part) => part.digest === undefined);
  const finish = async (part, bytes, digestOf) => {
    part.digest = await keepBuilt(part.name, part.extension, part.key, bytes, digestOf);
    if (!quiet) console.log(`part ${part.name}: ${bytes.length} bytes, ${part.digest.slice(0, 12)}`);
  };
  await compileAll(
    stale.filter(({ kind }) => kind === "wasm"),
    (part, compiled) => finish(part, meter(compiled, { maxMemoryPages: part.memoryMib * PAGES_PER_MIB })),
  );
  for (const part of stale.filter(({ kind }) => kind === "javascript")) {
    const image = await buildImage(part.program, engine).catch((cause) => {
      throw new Error(`parts/${part.name}/main.ts does not load: ${cause.message}`, { cause });
    });
    await finish(part, image, (hash) => imageDigest(engine.digest, part.memoryMib, hash));
  }
  if (!quiet) console.log(`parts: ${parts.length}, of which ${stale.length} were compiled`);
  const built = parts.map((part) => ({ kind: part.kind, manifest: parsePartManifest(part.yaml, part.digest) }));
  checkNames(built);
  await writeRegistries(built, engine.digest);
  return Object.fromEntries(built.map(({ manifest }) => [manifest.name, manifest]));
}

/** One name means one part. */
function checkNames(built) {
  const owners = new Map();
  for (const { name, aliases } of built.map(({ manifest }) => manifest)) {
    for (const taken of [name, ...aliases]) {
      if (owners.has(taken)) throw new Error(`the name ${taken} is claimed by the parts ${owners.get(taken)} and ${name}`);
      owners.set(taken, name);
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildParts();
