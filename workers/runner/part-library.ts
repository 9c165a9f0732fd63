/** Where the bytes of a part are found. */
import type { PartManifest } from "../../shared/part-manifest.ts";
import type { PartLibrary } from "./deps.ts";
import { runPart } from "./part-host.ts";

/** The parts of the bundle: manifests by name, metered modules by digest. */
export function createPartLibrary(
  manifests: Readonly<Record<string, PartManifest>>,
  modules: Readonly<Record<string, WebAssembly.Module>>,
): PartLibrary {
  return {
    find(_tenant, name, digest) {
      const manifest = Object.hasOwn(manifests, name) ? manifests[name] : undefined;
      const pinned = digest ?? manifest?.digest ?? "";
      const module = Object.hasOwn(modules, pinned) ? modules[pinned] : undefined;
      return manifest && module && { manifest, run: (run) => runPart(module, run) };
    },
  };
}
