/**
 * A catalogue that remembers the newest version of each workflow. Exact where every push and every removal goes through this one:
 * on one machine one isolate takes them all. A push whose caller hung up before its end may take effect some seconds late.
 */
import { SECOND_MS } from "../model/limits.ts";
import type { Catalogue, WorkflowVersion } from "../ports.ts";

const REMEMBERED_MS = 10 * SECOND_MS;
const MAX_REMEMBERED = 1000;

export function rememberNewest(catalogue: Catalogue, now: () => number): Catalogue {
  const remembered = new Map<string, { readonly version: WorkflowVersion; readonly until: number }>();
  let changes = 0;
  /** A read that began before the end of the change may have seen what was there before. */
  const forgetAfter = async <T>(change: Promise<T>): Promise<T> => {
    try {
      return await change;
    } finally {
      changes += 1;
      remembered.clear();
    }
  };
  return {
    ...catalogue,
    push: (...args) => forgetAfter(catalogue.push(...args)),
    remove: (...args) => forgetAfter(catalogue.remove(...args)),
    async newest(tenant, name) {
      const key = JSON.stringify([tenant, name]);
      const known = remembered.get(key);
      if (known !== undefined && known.until > now()) return known.version;
      remembered.delete(key);
      const seen = changes;
      const version = await catalogue.newest(tenant, name);
      if (version !== undefined && seen === changes && remembered.size < MAX_REMEMBERED)
        remembered.set(key, { version, until: now() + REMEMBERED_MS });
      return version;
    },
  };
}
