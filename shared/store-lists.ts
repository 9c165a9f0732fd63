/** The lists of loops on their way into the log: small items as they are, large ones in the store. */
import type { FoundList } from "./model/loop-list.ts";
import { MAX_INLINE_BYTES } from "./model/limits.ts";
import type { Value } from "./model/log.ts";
import type { Payloads } from "./ports.ts";
import type { ItemList } from "./run-api.ts";

/** Large items are written so many at a time. */
const MAX_WRITES = 16;

export async function storeLists(
  lists: readonly FoundList[],
  tenant: string,
  runId: string,
  { payloads }: { readonly payloads: Payloads },
): Promise<readonly ItemList[]> {
  const stored: ItemList[] = [];
  for (const { loop, items } of lists) {
    const values: Value[] = [];
    for (let from = 0; from < items.length; from += MAX_WRITES) {
      const texts = items.slice(from, from + MAX_WRITES).map((item) => JSON.stringify(item) ?? "null");
      const isSmall = texts.every((json) => json.length * 3 <= MAX_INLINE_BYTES);
      const some = isSmall ? texts.map((json) => ({ json })) : await Promise.all(texts.map((json) => payloads.put(tenant, runId, json)));
      values.push(...some);
    }
    stored.push({ loop, items: values });
  }
  return stored;
}
