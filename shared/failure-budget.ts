/**
 * How often one caller, and all callers together, may fail to show a key, a token or a signature that is right.
 *
 * Invariants
 * B1  What is right passes, whatever its address has done before: nobody is locked out by others who share his address.
 * B2  What is wrong is answered 429 when the budget is used up, and then reads nothing from the database for each guess.
 * B3  Bounded memory, and nothing is asked of anybody: it is the memory of this isolate.
 */
import { rateLimited } from "./http/problem.ts";
import type { ArcrunError } from "./model/errors.ts";
import { MINUTE_MS } from "./model/limits.ts";
import { createRate } from "./rate.ts";

export type FailureBudget = {
  /** Whether the next failure of whoever sent these headers will be answered 429. */
  isSpent(headers: Headers): boolean;
  /** Counts one failure, and gives what to throw: the refusal itself, or `rate_limited` instead of it. */
  refusal(headers: Headers, refused: ArcrunError): ArcrunError;
};

export const DEFAULT_FAILURES_PER_MINUTE = 600;
/** All addresses together may fail so many times as often as one. */
const ALL_ADDRESSES = 10;
const ALL = "all";

/** `perMinute` that is no number above 0 is the default. */
export function createFailureBudget(perMinute: number, now: () => number): FailureBudget {
  const limit = perMinute > 0 ? perMinute : DEFAULT_FAILURES_PER_MINUTE;
  const each = createRate({ limit, windowMs: MINUTE_MS }, now);
  const all = createRate({ limit: limit * ALL_ADDRESSES, windowMs: MINUTE_MS }, now);
  const lateMs = (caller: string) => Math.max(each.lateMs(caller), all.lateMs(ALL));
  return {
    isSpent: (headers) => lateMs(callerOf(headers)) > 0,
    refusal(headers, refused) {
      const caller = callerOf(headers);
      const late = lateMs(caller);
      if (late > 0) return rateLimited("too many keys, tokens or signatures that are wrong came from your address", late);
      each.take(caller);
      all.take(ALL);
      return refused;
    },
  };
}

/**
 * Who calls. Cloudflare sets this header, and the front door of `npm start`, whatever the caller sent in it. Of an IPv6 address
 * the network: its owner has all the addresses in it.
 */
function callerOf(headers: Headers): string {
  const address = headers.get("cf-connecting-ip") ?? "unknown";
  return address.includes(":") ? networkOf(address) : address;
}

function networkOf(address: string): string {
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const zeros = tail === undefined ? 0 : 8 - groups.length - (tail === "" ? 0 : tail.split(":").length);
  const whole = [...groups, ...Array<string>(Math.max(0, zeros)).fill("0"), ...(tail ?? "").split(":")];
  return whole.slice(0, 4).join(":");
}
