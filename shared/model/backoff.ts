/** The arithmetic of retries. */
import type { ErrorInfo } from "./errors.ts";
import { DAY_MS } from "./limits.ts";
import type { RetryPolicy } from "./plan.ts";

/**
 * How long to wait before the next attempt, in milliseconds; undefined: there is none.
 * `attempt` is the one that failed, from 1; `random` is in [0, 1). `Retry-After` is obeyed up to a day.
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, error: ErrorInfo, random: number): number | undefined {
  if (attempt >= policy.attempts || !isRetried(policy, error)) return undefined;
  const delay = Math.min(policy.maxMs, baseMs(policy, attempt));
  // Half of it is random, so that what failed together does not come back together.
  const spread = policy.jitter ? delay / 2 + (delay / 2) * random : delay;
  return Math.round(Math.max(spread, Math.min(error.retryAfterMs ?? 0, DAY_MS)));
}

function baseMs({ backoff, initialMs }: RetryPolicy, attempt: number): number {
  switch (backoff) {
    case "constant":
      return initialMs;
    case "linear":
      return initialMs * attempt;
    case "exponential":
      return initialMs * 2 ** (attempt - 1);
  }
}

function isRetried({ on }: RetryPolicy, { code, retryable }: ErrorInfo): boolean {
  if (on === undefined) return retryable;
  return on.some((wanted) => (wanted.endsWith(".") ? code.startsWith(wanted) : code === wanted));
}
