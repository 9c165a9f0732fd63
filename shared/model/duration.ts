/** Durations of workflow files: `500ms`, `10s`, `5m`, `2h`, `7d`, or seconds as a number. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "./limits.ts";

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
};
export const DURATION_PATTERN = /^\s*(\d{1,15}(?:\.\d{1,9})?)\s*(ms|s|m|h|d)\s*$/;

export const DURATION_FORMS = "500ms, 10s, 5m, 2h, 7d, or seconds as a number";

/** Milliseconds, a whole number that is not negative; `undefined` if the value is no duration. */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === "number") return milliseconds(value * SECOND_MS);
  if (typeof value !== "string") return undefined;
  const [, count, unit] = DURATION_PATTERN.exec(value) ?? [];
  const unitMs = unit === undefined ? undefined : UNIT_MS[unit];
  return count === undefined || unitMs === undefined ? undefined : milliseconds(Number(count) * unitMs);
}

/** The largest unit of which it is a whole number: `7d`, `90s`. */
export function durationText(ms: number): string {
  const [unit = "ms", unitMs = 1] = Object.entries(UNIT_MS).findLast(([, size]) => ms >= size && ms % size === 0) ?? [];
  return `${ms / unitMs}${unit}`;
}

function milliseconds(ms: number): number | undefined {
  const whole = Math.round(ms);
  return Number.isSafeInteger(whole) && whole >= 0 ? Math.abs(whole) : undefined;
}
