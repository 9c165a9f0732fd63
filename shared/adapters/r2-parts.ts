/**
 * The metered bytes of parts in R2: `parts/<digest>.json` says what a version of a part is, `parts/<sha256>.wasm` is its module. Of a
 * built-in part the two names are the same hash; of one in JavaScript the module is the engine, and `parts/<sha256>.bin`
 * its image, or `parts/<sha256>.js` its source.
 * Nothing here ever changes; what is read is checked against its name.
 */
import { z } from "zod";
import { sha256Hex } from "../ids.ts";
import { ArcrunError } from "../model/errors.ts";
import type { PartManifest } from "../part-manifest.ts";
import type { PartStore, StoredPart } from "../ports.ts";

const Stored = z.object({
  v: z.literal(1),
  module: z.string(),
  image: z.string().optional(),
  source: z.string().optional(),
  manifest: z.record(z.string(), z.unknown()),
});

const recordKey = (digest: string): string => `parts/${digest}.json`;
export const moduleKey = (sha256: string): string => `parts/${sha256}.wasm`;

const sourceKey = (sha256: string): string => `parts/${sha256}.js`;

export function createPartStore(bucket: R2Bucket): PartStore {
  const bytesOf = async (key: string, sha256: string): Promise<ArrayBuffer> => {
    const object = await guarded(() => bucket.get(key));
    const bytes = object === null ? undefined : await guarded(() => object.arrayBuffer());
    if (bytes === undefined || sha256Hex(new Uint8Array(bytes)) !== sha256)
      throw new ArcrunError("part.not_found", `the bytes ${sha256} of a part are gone from the store, or damaged`);
    return bytes;
  };
  return {
    async find(digest) {
      const object = await guarded(() => bucket.get(recordKey(digest)));
      return object === null ? undefined : toStored(await guarded(() => object.text()));
    },
    module: (sha256) => bytesOf(moduleKey(sha256), sha256),
    image: (sha256) => bytesOf(`parts/${sha256}.bin`, sha256),
    source: (sha256) => bytesOf(sourceKey(sha256), sha256),
    async put(digest, { manifest, module, source }, bytes) {
      // The bytes first: who finds the record finds them, too.
      const [key, contentType] = source === undefined ? [moduleKey(module), "application/wasm"] : [sourceKey(source), "text/javascript"];
      await guarded(() => bucket.put(key, bytes, { httpMetadata: { contentType } }));
      const record = JSON.stringify({ v: 1, module, source, manifest });
      await guarded(() => bucket.put(recordKey(digest), record, { httpMetadata: { contentType: "application/json" } }));
    },
  };
}

function toStored(text: string): StoredPart {
  const { module, image, source, manifest } = Stored.parse(JSON.parse(text));
  return {
    module,
    // Written by `put`, or by the build, from a manifest that was parsed.
    manifest: manifest as unknown as PartManifest,
    ...(image === undefined ? {} : { image }),
    ...(source === undefined ? {} : { source }),
  };
}

async function guarded<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new ArcrunError("storage_unavailable", "the store of parts does not answer; try again", { cause });
  }
}
