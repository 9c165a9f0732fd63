/**
 * Hosts that asked to be left alone, by a 429 or a 503 with Retry-After. All steps of the tenant that would call one are paused until
 * then, and spend no attempt: one step learns it, and the others need not be told by the host, too.
 *
 * In the memory of this isolate only. It is advice: who does not know it (another isolate, after an eviction) makes one call more, is
 * told the same and knows it then; to ask an object before each request would cost every request a hop. On one machine there is one isolate.
 */
import { MINUTE_MS, SECOND_MS } from "../../shared/model/limits.ts";
import type { Paused } from "./attempt.ts";
import { readRetryAfter } from "./retry-after.ts";

export type QuietHosts = {
  /** Throws `HostQuiet`. */
  check(tenant: string, host: string): void;
  /** Looks at what the host answered. */
  note(tenant: string, host: string, response: Pick<Response, "status" | "headers">): void;
};

/** Not an error of the step: it has not called yet, and will later. */
export class HostQuiet extends Error {
  override readonly name = "HostQuiet";
  readonly host: string;
  readonly until: number;

  constructor(host: string, until: number) {
    super(`${host} asked to be left alone`);
    this.host = host;
    this.until = until;
  }
}

/** Longer than that nobody is believed at once: one call in five minutes finds out whether it is still so. */
export const MAX_QUIET_MS = 5 * MINUTE_MS;
/** Of a 429 that does not say how long. */
const DEFAULT_QUIET_MS = SECOND_MS;
const MAX_HOSTS = 1000;
/** Those who waited do not all come back in the same moment. */
const MAX_SPREAD_MS = 10 * SECOND_MS;

export function createQuietHosts(now: () => number): QuietHosts {
  const quiet = new Map<string, number>();
  return {
    check(tenant, host) {
      const until = quiet.get(keyOf(tenant, host)) ?? 0;
      if (until > now()) throw new HostQuiet(host, until);
    },
    note(tenant, host, { status, headers }) {
      if (status !== 429 && status !== 503) return;
      const asked = readRetryAfter(headers.get("retry-after"), now()) ?? (status === 429 ? DEFAULT_QUIET_MS : 0);
      if (asked === 0) return;
      const key = keyOf(tenant, host);
      const until = Math.max(quiet.get(key) ?? 0, now() + Math.min(asked, MAX_QUIET_MS));
      quiet.delete(key); // to the end: the first in the map is who was noted longest ago
      quiet.set(key, until);
      const oldest = quiet.keys().next();
      if (quiet.size > MAX_HOSTS && !oldest.done) quiet.delete(oldest.value);
    },
  };
}

const keyOf = (tenant: string, host: string): string => `${tenant} ${host}`;

/** The call is made again when the pause is over. */
export function pauseForHost({ host, until }: HostQuiet, now: number): Paused {
  const spread = Math.random() * Math.min((until - now) / 2, MAX_SPREAD_MS);
  const dueAt = Math.ceil(until + spread);
  const note = `${host} asked to be left alone until ${new Date(until).toISOString()} (429 or 503 with Retry-After)`;
  return { kind: "paused", reason: "retry_backoff", isCall: true, dueAt, waitMs: dueAt - now + MINUTE_MS, note };
}
