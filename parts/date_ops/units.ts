import type { ZonedDateTime } from "@js-joda/core";
import { ChronoUnit, DayOfWeek, TemporalAdjusters } from "@js-joda/core";
import { given, isObject, refuseField, textField, wordOr } from "../sdk-js/fields.ts";

const UNITS = {
  year: ChronoUnit.YEARS,
  quarter: ChronoUnit.MONTHS,
  month: ChronoUnit.MONTHS,
  week: ChronoUnit.WEEKS,
  day: ChronoUnit.DAYS,
  hour: ChronoUnit.HOURS,
  minute: ChronoUnit.MINUTES,
  second: ChronoUnit.SECONDS,
  millisecond: ChronoUnit.MILLIS,
} as const;
export type Unit = keyof typeof UNITS;

const MONTHS_IN_QUARTER = 3;
const MAX_AMOUNT = 1e13;
const WEEK_STARTS = ["monday", "sunday", "saturday"] as const;
/** Those whose length never changes, in milliseconds; a day may have 23 hours. */
const LENGTHS_MS: Readonly<Partial<Record<Unit, number>>> = { hour: 3_600_000, minute: 60_000, second: 1000, millisecond: 1 };

/** `days` and `day` mean the same. */
function unitOf(word: string, field: string): Unit {
  const unit = word.toLowerCase().replace(/s$/, "");
  const known = Object.keys(UNITS).find((name) => name === unit);
  return (
    (known as Unit | undefined) ?? refuseField(field, `must be one of: ${Object.keys(UNITS).join(", ")}; it is ${JSON.stringify(word)}`)
  ); // a key of UNITS
}

export const unitField = (input: unknown): Unit => unitOf(textField(input, "unit"), "unit");

/** Adds `{months: 1, days: 2}`, or `amount` of one `unit`: large units first, so that the last day of a month stays one. */
export function shift(moment: ZonedDateTime, input: unknown, sign: 1 | -1): ZonedDateTime {
  const amount = given(input, "amount");
  const amounts = isObject(amount)
    ? Object.entries(amount).map(([word, count]) => [unitOf(word, "amount"), count] as const)
    : [[unitField(input), amount] as const];
  const order = Object.keys(UNITS);
  return amounts
    .toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b))
    .reduce((sum, [unit, count]) => add(sum, unit, count, sign), moment);
}

function add(moment: ZonedDateTime, unit: Unit, count: unknown, sign: 1 | -1): ZonedDateTime {
  if (typeof count !== "number" || !Number.isInteger(count) || Math.abs(count) > MAX_AMOUNT)
    return refuseField("amount", `must be a whole number of ${unit}s, or an object of those such as {"months": 1, "days": 2}`);
  try {
    return moment.plus(sign * count * (unit === "quarter" ? MONTHS_IN_QUARTER : 1), UNITS[unit]);
  } catch {
    return refuseField("amount", "leads out of the years that can be computed");
  }
}

/** Whole units from one moment to the other, cut off towards zero; or, when asked, with their fraction. */
export function between(from: ZonedDateTime, to: ZonedDateTime, unit: Unit, isExact: boolean): number {
  const length = LENGTHS_MS[unit];
  if (!isExact) return Math.trunc(from.until(to, UNITS[unit]) / (unit === "quarter" ? MONTHS_IN_QUARTER : 1)) + 0;
  if (length === undefined) return refuseField("exact", `is for hours and less, a ${unit} has no fixed length`);
  return (to.toInstant().toEpochMilli() - from.toInstant().toEpochMilli()) / length;
}

export function startOf(moment: ZonedDateTime, unit: Unit, input: unknown): ZonedDateTime {
  const day = moment.truncatedTo(ChronoUnit.DAYS);
  switch (unit) {
    case "year":
      return day.withDayOfYear(1);
    case "quarter":
      return day.withDayOfMonth(1).withMonth(moment.monthValue() - ((moment.monthValue() - 1) % MONTHS_IN_QUARTER));
    case "month":
      return day.withDayOfMonth(1);
    case "week":
      return day.with(TemporalAdjusters.previousOrSame(weekStart(input)));
    case "day":
    case "hour":
    case "minute":
    case "second":
    case "millisecond":
      return moment.truncatedTo(UNITS[unit]);
  }
}

/** The last millisecond. */
export function endOf(moment: ZonedDateTime, unit: Unit, input: unknown): ZonedDateTime {
  return add(startOf(moment, unit, input), unit, 1, 1).minus(1, ChronoUnit.MILLIS);
}

function weekStart(input: unknown): DayOfWeek {
  switch (wordOr(input, "week_starts_on", "monday", WEEK_STARTS)) {
    case "monday":
      return DayOfWeek.MONDAY;
    case "saturday":
      return DayOfWeek.SATURDAY;
    case "sunday":
      return DayOfWeek.SUNDAY;
  }
}
