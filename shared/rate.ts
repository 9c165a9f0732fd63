/**
 * A token bucket for each name, kept as the moment at which it is full again: a burst of `limit`, then as many in each window as go on.
 *
 * In the memory of one isolate: exact on one machine, and in production a bound for each isolate.
 */
export type Rate = {
  /** Milliseconds until there is room for one more of this name; 0: now. Counts nothing. */
  lateMs(name: string): number;
  /** Counts one if there is room. What `lateMs` would have said. */
  take(name: string): number;
};

/** So many names are remembered; who came last the longest ago is forgotten first. */
export const MAX_NAMES = 10_000;

export function createRate({ limit, windowMs }: { readonly limit: number; readonly windowMs: number }, now: () => number): Rate {
  const fullAt = new Map<string, number>();
  const nextOf = (name: string, time: number) => Math.max(fullAt.get(name) ?? 0, time) + windowMs / limit;
  const late = (next: number, time: number) => Math.max(0, next - time - windowMs);
  return {
    lateMs(name) {
      const time = now();
      return late(nextOf(name, time), time);
    },
    take(name) {
      const time = now();
      const next = nextOf(name, time);
      const lateMs = late(next, time);
      if (lateMs > 0) return lateMs;
      fullAt.delete(name); // to the end: the first in the map is who took nothing for longest
      fullAt.set(name, next);
      const oldest = fullAt.keys().next();
      if (fullAt.size > MAX_NAMES && !oldest.done) fullAt.delete(oldest.value);
      return 0;
    },
  };
}
