/** What the sources import of the parts: their manifests by name, their modules and images by digest. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../load-ts.mjs";
import { ENGINE_NAME } from "./build-engine.mjs";
import { root } from "./built-files.mjs";

const HEADER = "// Written by scripts/build-parts.mjs from parts/*: change those.\n";

/** `built`: each part's kind and manifest. `engineDigest`: the SHA-256 of the JavaScript engine. */
export async function writeRegistries(built, engineDigest) {
  const manifests = Object.fromEntries(built.map(({ manifest }) => [manifest.name, manifest]));
  await writeChanged(
    "part-manifests.ts",
    `${HEADER}import type { PartManifest } from "../shared/part-manifest.ts";\n\nexport const PART_MANIFESTS: Readonly<Record<string, PartManifest>> = ${JSON.stringify(manifests, null, 2)};\n\n/** SHA-256 of the JavaScript engine of this build. */\nexport const JS_ENGINE_SHA256 = "${engineDigest}";\n`,
  );
  await writeChanged("part-manifests.json", JSON.stringify(manifests)); // for the supervisor, which reads no TypeScript
  const modules = registry(built, "wasm", "wasm");
  const images = registry(built, "javascript", "bin");
  const type = `{
  readonly modules: Readonly<Record<string, WebAssembly.Module>>;
  readonly images: Readonly<Record<string, ArrayBuffer>>;
  readonly engine: WebAssembly.Module;
  readonly engineDigest: string;
}`;
  await writeChanged(
    "part-bytes.ts",
    `${HEADER}import { JS_ENGINE_SHA256 } from "./part-manifests.ts";
import engine from "./parts/${ENGINE_NAME}.wasm";
${modules.imports}${images.imports}
export const PART_BYTES: ${type} = {
  modules: {
${modules.entries}  },
  images: {
${images.entries}  },
  engine,
  engineDigest: JS_ENGINE_SHA256,
};
`,
  );
}

function registry(built, wanted, extension) {
  const listed = built.filter(({ kind }) => kind === wanted).map(({ manifest }) => manifest);
  return {
    imports: listed.map(({ name }) => `import ${variableOf(name)} from "./parts/${name}.${extension}";\n`).join(""),
    entries: listed.map(({ name, digest }) => `    "${digest}": ${variableOf(name)},\n`).join(""),
  };
}

/** `switch` is no name for a variable. */
const variableOf = (name) => `part_${name}`;

/** Leaves a file alone that is right already, so that nothing that watches it starts anew. */
async function writeChanged(name, content) {
  const path = join(root, "generated", name);
  const old = await readFile(path, "utf8").catch(() => undefined);
  if (old !== content) await replaceFile(path, content);
}
