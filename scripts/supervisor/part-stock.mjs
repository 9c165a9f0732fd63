/**
 * Lays the built-in parts into the bucket by digest, so that a run which pinned one finds its bytes after a build that no longer has them.
 * What lies there, and under which names, is that of `shared/adapters/r2-parts.ts`. (Deploying has to do the same, before the Workers go out.)
 *
 * 1. Bytes lie there before the manifest that names them.
 * 2. The mark of a stock is written last: where it is, all is there, and one question is enough.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { imageDigest } from "../parts/image-digest.mjs";

const sha256 = (data) => createHash("sha256").update(data).digest("hex");

/** `folder` is that of the generated registries. Resolves to how many parts were laid in: none when this very stock was there. */
export async function stockParts(bucket, folder) {
  const listed = await readFile(join(folder, "part-manifests.json"), "utf8");
  const mark = `parts/stock/${sha256(listed)}`;
  if ((await bucket.head(mark)) !== null) return 0;
  const manifests = Object.values(JSON.parse(listed));
  await Promise.all(manifests.map((manifest) => stockPart(bucket, folder, manifest)));
  await bucket.put(mark, "");
  return manifests.length;
}

async function stockPart(bucket, folder, manifest) {
  const part = existsSync(join(folder, "parts", `${manifest.name}.bin`))
    ? await readImage(folder, manifest)
    : await readModule(folder, manifest);
  await Promise.all(Object.entries(part.files).map(([file, bytes]) => bucket.put(`parts/${file}`, bytes)));
  await bucket.put(`parts/${manifest.digest}.json`, JSON.stringify({ v: 1, ...part.record, manifest }));
}

async function readModule(folder, { name, digest }) {
  const wasm = await readFile(join(folder, "parts", `${name}.wasm`));
  if (sha256(wasm) !== digest) throw wrongBytes(`${name}.wasm`);
  return { files: { [`${digest}.wasm`]: wasm }, record: { module: digest } };
}

/** A part in JavaScript is the engine with an image. */
async function readImage(folder, { name, digest, memoryMib }) {
  const [engine, image] = await Promise.all(["js-engine.wasm", `${name}.bin`].map((file) => readFile(join(folder, "parts", file))));
  const record = { module: sha256(engine), image: sha256(image) };
  if (imageDigest(record.module, memoryMib, record.image) !== digest) throw wrongBytes(`${name}.bin`);
  return {
    files: { [`${record.module}.wasm`]: engine, [`${record.image}.bin`]: image },
    record,
  };
}

const wrongBytes = (file) => new Error(`generated/parts/${file} is not the module that was registered; run npm run build`);
