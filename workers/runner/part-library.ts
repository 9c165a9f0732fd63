/** Where the bytes of a part are found: in the bundle, or by digest in the store. */
import type { PartManifest } from "../../shared/part-manifest.ts";
import type { PartStore, StoredPart } from "../../shared/ports.ts";
import type { PartLibrary, PinnedPart } from "./deps.ts";
import { runJsPart } from "./js-part-host.ts";
import { createKeptSources } from "./kept-sources.ts";
import { runPart } from "./part-host.ts";
import type { PartLoader } from "./part-loader.ts";

/** What a digest means never changes, so what was found is kept. */
const KEPT_PARTS = 200;

/** Manifests by name; by digest metered modules, and images of programs for the JavaScript engine. */
export type Bundle = {
  readonly manifests: Readonly<Record<string, PartManifest>>;
  readonly modules: Readonly<Record<string, WebAssembly.Module>>;
  readonly images: Readonly<Record<string, ArrayBuffer>>;
  readonly engine: WebAssembly.Module;
  readonly engineDigest: string;
};

export function createPartLibrary(bundle: Bundle, store: Pick<PartStore, "find" | "source">, loader: PartLoader): PartLibrary {
  const kept = new Map<string, StoredPart>();
  const sources = createKeptSources(store);
  const { engine, engineDigest } = bundle;
  const stored = async (digest: string): Promise<PinnedPart | undefined> => {
    const part = kept.get(digest) ?? (await store.find(digest));
    if (part === undefined) return undefined;
    if (kept.size >= KEPT_PARTS) kept.clear();
    kept.set(digest, part);
    const { manifest } = part;
    // The engine of the bundle is a sandbox, and here. One that the bundle has no more runs in an isolate, so that a run keeps its own.
    if (part.source === undefined || part.module !== engineDigest) return { manifest, run: (run) => loader.run(part, run) };
    const program = { source: await sources.of(part.source), memoryMib: manifest.memoryMib };
    return { manifest, run: (run) => runJsPart(engine, program, run) };
  };
  return {
    find(_tenant, name, digest) {
      return bundled(bundle, name, digest) ?? (digest === null ? undefined : stored(digest));
    },
  };
}

function bundled(bundle: Bundle, name: string, digest: string | null): PinnedPart | undefined {
  const manifest = own(bundle.manifests, name);
  const run = manifest && runnerOf(digest ?? manifest.digest, manifest, bundle);
  return manifest && run && { manifest, run };
}

function runnerOf(digest: string, { memoryMib }: PartManifest, { modules, images, engine }: Bundle): PinnedPart["run"] | undefined {
  const module = own(modules, digest);
  if (module !== undefined) return (run) => runPart(module, run);
  const image = own(images, digest);
  return image && ((run) => runJsPart(engine, { image: new Uint8Array(image), memoryMib }, run));
}

const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined => (Object.hasOwn(record, key) ? record[key] : undefined);
