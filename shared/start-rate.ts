/**
 * How many runs a tenant may start: one tenant's flood is answered 429 before it fills the queues that all share. A burst of what ten
 * seconds allow, then as many as go on (a token bucket, kept as the moment at which it is full again).
 *
 * In the memory of one isolate: exact on one machine, and in production a bound for each isolate that takes deliveries.
 */
import { HttpProblem } from "./http/problem.ts";
import { SECOND_MS } from "./model/limits.ts";

export type StartRate = {
  /** Counts one start. Throws `rate_limited`, with the seconds after which there is room. */
  take(tenant: string): void;
};

export const START_WINDOW_MS = 10 * SECOND_MS;
export const DEFAULT_STARTS_PER_WINDOW = 3000;
const MAX_TENANTS = 10_000;

/** `startsPerWindow` that is no number above 0 is the default. */
export function createStartRate(startsPerWindow: number, now: () => number): StartRate {
  const limit = startsPerWindow > 0 ? startsPerWindow : DEFAULT_STARTS_PER_WINDOW;
  const fullAt = new Map<string, number>();
  return {
    take(tenant) {
      const time = now();
      const next = Math.max(fullAt.get(tenant) ?? 0, time) + START_WINDOW_MS / limit;
      const lateMs = next - time - START_WINDOW_MS;
      if (lateMs > 0) throw rateLimited(limit, lateMs);
      fullAt.delete(tenant); // to the end: the first in the map is who started nothing for longest
      fullAt.set(tenant, next);
      const oldest = fullAt.keys().next();
      if (fullAt.size > MAX_TENANTS && !oldest.done) fullAt.delete(oldest.value);
    },
  };
}

function rateLimited(limit: number, lateMs: number): HttpProblem {
  const seconds = Math.max(1, Math.ceil(lateMs / SECOND_MS));
  const message = `more than ${limit} runs in ${START_WINDOW_MS / SECOND_MS} seconds; try again in ${seconds} s`;
  return new HttpProblem("rate_limited", message, { headers: { "retry-after": String(seconds) } });
}
