import { MAX_PART_SOURCE_BYTES } from "../../shared/model/limits.ts";
import type { PartStore } from "../../shared/ports.ts";

/** A character takes two bytes at most: 16 MiB of the 128 that a Worker has. */
const KEPT_CHARS = 8 * MAX_PART_SOURCE_BYTES;

/** The texts of uploaded programs by hash, as many as there is room for; whoever was not asked for longest goes first. */
export function createKeptSources(store: Pick<PartStore, "source">) {
  const kept = new Map<string, string>();
  let chars = 0;
  const drop = (hash: string): void => {
    chars -= kept.get(hash)?.length ?? 0;
    kept.delete(hash);
  };
  return {
    /** Throws `part.not_found`, `storage_unavailable`. */
    async of(hash: string): Promise<string> {
      const source = kept.get(hash) ?? new TextDecoder().decode(await store.source(hash));
      drop(hash);
      kept.set(hash, source); // at the end
      chars += source.length;
      for (const oldest of kept.keys()) {
        if (chars <= KEPT_CHARS) break;
        drop(oldest);
      }
      return source;
    },
  };
}
