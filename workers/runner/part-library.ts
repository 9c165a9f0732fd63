/** Where the bytes of a part are found. */
import type { PartManifest } from "../../shared/part-manifest.ts";
import type { PartLibrary, PinnedPart } from "./deps.ts";
import { runJsPart } from "./js-part-host.ts";
import { runPart } from "./part-host.ts";

/** What the bundle holds, by digest: metered modules, and images of programs for the JavaScript engine. */
export type PartBytes = {
  readonly modules: Readonly<Record<string, WebAssembly.Module>>;
  readonly images: Readonly<Record<string, ArrayBuffer>>;
  readonly engine: WebAssembly.Module;
};

/** The parts of the bundle: manifests by name, bytes by digest. */
export function createPartLibrary(manifests: Readonly<Record<string, PartManifest>>, bytes: PartBytes): PartLibrary {
  return {
    find(_tenant, name, digest) {
      const manifest = own(manifests, name);
      const run = manifest && runnerOf(digest ?? manifest.digest, manifest, bytes);
      return manifest && run && { manifest, run };
    },
  };
}

function runnerOf(digest: string, { memoryMib }: PartManifest, { modules, images, engine }: PartBytes): PinnedPart["run"] | undefined {
  const module = own(modules, digest);
  if (module !== undefined) return (run) => runPart(module, run);
  const image = own(images, digest);
  return image && ((run) => runJsPart(engine, { image: new Uint8Array(image), memoryMib }, run));
}

const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined => (Object.hasOwn(record, key) ? record[key] : undefined);
