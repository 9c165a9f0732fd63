/** Where the bytes of a part are found: in the bundle, or by digest in the store. */
import type { PartManifest } from "../../shared/part-manifest.ts";
import type { PartStore, StoredPart } from "../../shared/ports.ts";
import type { PartLibrary, PinnedPart } from "./deps.ts";
import { runPart } from "./part-host.ts";
import type { PartLoader } from "./part-loader.ts";

/** What a digest means never changes, so what was found is kept. */
const KEPT_PARTS = 200;

export type Bundle = {
  readonly manifests: Readonly<Record<string, PartManifest>>;
  /** By digest. */
  readonly modules: Readonly<Record<string, WebAssembly.Module>>;
};

export function createPartLibrary(bundle: Bundle, store: Pick<PartStore, "find">, loader: PartLoader): PartLibrary {
  const kept = new Map<string, StoredPart>();
  const stored = async (digest: string): Promise<PinnedPart | undefined> => {
    const part = kept.get(digest) ?? (await store.find(digest));
    if (part === undefined) return undefined;
    if (kept.size >= KEPT_PARTS) kept.clear();
    kept.set(digest, part);
    return { manifest: part.manifest, run: (run) => loader.run(part.module, run) };
  };
  return {
    find(_tenant, name, digest) {
      return bundled(bundle, name, digest) ?? (digest === null ? undefined : stored(digest));
    },
  };
}

function bundled({ manifests, modules }: Bundle, name: string, digest: string | null): PinnedPart | undefined {
  const manifest = Object.hasOwn(manifests, name) ? manifests[name] : undefined;
  const pinned = digest ?? manifest?.digest ?? "";
  const module = Object.hasOwn(modules, pinned) ? modules[pinned] : undefined;
  return manifest && module && { manifest, run: (run) => runPart(module, run) };
}
