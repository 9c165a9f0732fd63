/**
 * How many runs a tenant may start: one tenant's flood is answered 429 before it fills the queues that all share. A burst of what ten
 * seconds allow, then as many as go on. Deliveries that nobody signs share one half, so that strangers leave the other to whoever has a key.
 */
import { rateLimited } from "./http/problem.ts";
import { SECOND_MS } from "./model/limits.ts";
import { createRate } from "./rate.ts";

export type StartRate = {
  /** Counts one start. Throws `rate_limited`, with the seconds after which there is room. */
  take(tenant: string): void;
};
export type DeliveryRate = StartRate & {
  /** Counts one delivery to a public hook, whose start counts besides. Throws like `take`. */
  takePublic(tenant: string): void;
};

export const START_WINDOW_MS = 10 * SECOND_MS;
export const DEFAULT_STARTS_PER_WINDOW = 3000;
const PUBLIC_SHARE = 0.5;

/** `startsPerWindow` that is no number above 0 is the default. */
export function createStartRate(startsPerWindow: number, now: () => number): DeliveryRate {
  const limit = startsPerWindow > 0 ? startsPerWindow : DEFAULT_STARTS_PER_WINDOW;
  const publicLimit = Math.max(1, Math.floor(limit * PUBLIC_SHARE));
  const all = createRate({ limit, windowMs: START_WINDOW_MS }, now);
  const open = createRate({ limit: publicLimit, windowMs: START_WINDOW_MS }, now);
  const inTime = (lateMs: number, what: string) => {
    if (lateMs > 0) throw rateLimited(`more than ${what} in ${START_WINDOW_MS / SECOND_MS} seconds`, lateMs);
  };
  return {
    take: (tenant) => inTime(all.take(tenant), `${limit} runs`),
    takePublic: (tenant) => inTime(open.take(tenant), `${publicLimit} deliveries without a key`),
  };
}
