/** The header `Retry-After`. */
import { DAY_MS } from "../../shared/model/limits.ts";

/** Seconds or a date, as milliseconds from now; at most a day. */
export function readRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), DAY_MS);
}
