import type { ZonedDateTime } from "@js-joda/core";
import { boolOr, given, refuseField, textField } from "../sdk-js/fields.ts";
import { defineOperations } from "../sdk-js/operations.ts";
import { isoOf, momentField, offsetText, zoneField } from "./moment.ts";
import { DAYS, formatBy, parseBy } from "./pattern.ts";
import { between, endOf, shift, startOf, unitField } from "./units.ts";

const date = (input: unknown): ZonedDateTime => momentField(input, "date");
const other = (input: unknown): ZonedDateTime => momentField(input, "other");

/** It knows no "now": a template gives it, as {{now}}. So the same input gives the same date. */
export default defineOperations({
  parse: (input) =>
    fieldsOf(
      given(input, "format") === undefined ? date(input) : parseBy(textField(input, "format"), textField(input, "date"), zoneField(input)),
    ),
  format: (input) => formatBy(textField(input, "format"), date(input)),
  add: (input) => isoOf(shift(date(input), input, 1)),
  subtract: (input) => isoOf(shift(date(input), input, -1)),
  diff: (input) => between(date(input), other(input), unitField(input), boolOr(input, "exact", false)),
  start_of: (input) => isoOf(startOf(date(input), unitField(input), input)),
  end_of: (input) => isoOf(endOf(date(input), unitField(input), input)),
  weekday: (input) => weekdayOf(date(input)),
  to_timezone: (input) =>
    given(input, "timezone") === undefined ? refuseField("timezone", "is missing; expected a time zone") : isoOf(date(input)),
  compare: (input) => Math.sign(date(input).toInstant().compareTo(other(input).toInstant())) + 0,
});

/** From 1 for Monday, as in ISO 8601. */
function weekdayOf(moment: ZonedDateTime): { readonly number: number; readonly name: string } {
  const number = moment.dayOfWeek().value();
  return { number, name: DAYS[number - 1] ?? "" };
}

function fieldsOf(moment: ZonedDateTime): Readonly<Record<string, unknown>> {
  return {
    iso: isoOf(moment),
    epoch_ms: moment.toInstant().toEpochMilli(),
    year: moment.year(),
    month: moment.monthValue(),
    day: moment.dayOfMonth(),
    hour: moment.hour(),
    minute: moment.minute(),
    second: moment.second(),
    millisecond: Math.trunc(moment.nano() / 1e6),
    weekday: weekdayOf(moment),
    timezone: moment.zone().id() === "Z" ? "UTC" : moment.zone().id(),
    offset: offsetText(moment),
  };
}
