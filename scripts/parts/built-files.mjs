/** What was built lies in `generated/parts/` beside a note of what it was built from. */
import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { replaceFile } from "../load-ts.mjs";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const target = join(root, "generated", "parts");

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** The sources in a folder, itself only. */
export async function filesOf(folder) {
  const names = await readdir(join(root, folder));
  return names
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .map((name) => `${folder}/${name}`);
}

/** A hash of files and texts. */
export async function keyOf(files, ...texts) {
  const hash = createHash("sha256");
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(await readFile(join(root, file)))
      .update("\0");
  for (const text of texts) hash.update(text).update("\0");
  return hash.digest("hex");
}

/** The digest of what was built from exactly these sources; undefined when there is none, or when it was damaged. */
export async function builtDigest(name, extension, key) {
  try {
    const built = JSON.parse(await readFile(join(target, `${name}.json`), "utf8"));
    if (built.key !== key) return undefined;
    return sha256(await readFile(join(target, `${name}.${extension}`))) === built.bytes ? built.digest : undefined;
  } catch {
    return undefined; // never built
  }
}

/** Resolves to the digest: the hash of the bytes, or what `digestOf` makes of that. */
export async function keepBuilt(name, extension, key, bytes, digestOf = (hash) => hash) {
  const hash = sha256(bytes);
  const digest = digestOf(hash);
  await replaceFile(join(target, `${name}.${extension}`), bytes);
  await replaceFile(join(target, `${name}.json`), JSON.stringify({ key, bytes: hash, digest }));
  return digest;
}
