import type { ZonedDateTime, ZoneId } from "@js-joda/core";
import { Instant, LocalDateTime, ZoneOffset } from "@js-joda/core";
import { refuseField, textOr, valueField } from "../sdk-js/fields.ts";
import { PartError } from "../sdk-js/part.ts";
import { ianaZone } from "./iana-zone.ts";

const ISO =
  /^(?<date>[+-]?\d{4,6}-\d\d-\d\d)(?:[T ](?<time>\d\d:\d\d(?::\d\d)?)(?:[.,](?<fraction>\d{1,9}))?)?\s*(?<offset>Z|z|[+-]\d\d(?::?\d\d)?)?(?:\[(?<zone>[^\]]+)\])?$/;
const MAX_EPOCH_MS = 8.64e15;

/** The zone that the input names: an IANA name such as Europe/Berlin, an offset such as +02:00, or UTC, which is also the default. */
export const zoneField = (input: unknown, fallback: ZoneId = ZoneOffset.UTC): ZoneId => {
  const name = textOr(input, "timezone", undefined);
  return name === undefined ? fallback : zoneOf(name);
};

export function zoneOf(name: string): ZoneId {
  if (/^(?:UTC|GMT|Z)$/i.test(name)) return ZoneOffset.UTC;
  if (/^[+-]\d\d(?::?\d\d)?$/.test(name)) return offsetOf(name);
  const zone = ianaZone(name);
  if (zone !== undefined) return zone;
  throw new PartError(
    "date.unknown_timezone",
    `the time zone ${JSON.stringify(name)} is unknown; expected a name such as Europe/Berlin, or an offset such as +02:00`,
  );
}

function offsetOf(text: string): ZoneOffset {
  const digits = text.replace(":", "");
  const [hours, minutes] = [Number(digits.slice(1, 3)), Number(digits.slice(3) || "0")];
  if (hours > 18 || minutes > 59 || (hours === 18 && minutes > 0)) throw invalid(text, "an offset goes up to 18:00");
  const sign = text.startsWith("-") ? -1 : 1;
  return ZoneOffset.ofHoursMinutes(sign * hours, sign * minutes);
}

/** The moment in a field: ISO 8601, or milliseconds since 1970. What names no offset is local time in `zone`. Shown in `zone`, if the input names it. */
export function momentField(input: unknown, name: string): ZonedDateTime {
  const value = valueField(input, name, "a date");
  const zone = textOr(input, "timezone", undefined) === undefined ? undefined : zoneField(input);
  if (typeof value === "number") return ofEpoch(value, name).withZoneSameInstant(zone ?? ZoneOffset.UTC);
  if (typeof value !== "string") return refuseField(name, "must be an ISO 8601 text, or milliseconds since 1970");
  const moment = parseIso(value, zone ?? ZoneOffset.UTC);
  return zone === undefined ? moment : moment.withZoneSameInstant(zone);
}

function ofEpoch(ms: number, name: string): ZonedDateTime {
  if (!(Math.abs(ms) <= MAX_EPOCH_MS)) return refuseField(name, `must be within ±${MAX_EPOCH_MS} milliseconds`);
  return Instant.ofEpochMilli(Math.trunc(ms)).atZone(ZoneOffset.UTC);
}

function parseIso(text: string, zone: ZoneId): ZonedDateTime {
  const parts = ISO.exec(text.trim())?.groups;
  if (parts === undefined)
    throw invalid(
      text,
      'expected ISO 8601, such as 2026-01-31, 2026-01-31T09:30:00 or 2026-01-31T09:30:00+01:00 (or use "parse" with a format)',
    );
  const { date = "", time = "00:00", fraction, offset, zone: named } = parts;
  const local = localOf(`${date}T${time}${fraction === undefined ? "" : `${time.length === 5 ? ":00" : ""}.${fraction}`}`, text);
  const own = named === undefined ? undefined : zoneOf(named);
  if (offset === undefined) return local.atZone(own ?? zone);
  const moment = local.atZone(/z/i.test(offset) ? ZoneOffset.UTC : offsetOf(offset));
  return own === undefined ? moment : moment.withZoneSameInstant(own);
}

export function localOf(iso: string, text: string): LocalDateTime {
  try {
    return LocalDateTime.parse(iso);
  } catch {
    throw invalid(text, "there is no such day or time");
  }
}

export const invalid = (text: string, why: string): PartError =>
  new PartError("date.invalid", `${JSON.stringify(text.slice(0, 100))} is no date that can be read: ${why}`);

/** ISO 8601 with the offset, to the millisecond where there are any. */
export function isoOf(moment: ZonedDateTime): string {
  const ms = Math.trunc(moment.nano() / 1e6);
  return `${dateOf(moment)}T${two(moment.hour())}:${two(moment.minute())}:${two(moment.second())}${ms === 0 ? "" : `.${String(ms).padStart(3, "0")}`}${offsetText(moment)}`;
}

export function dateOf(moment: ZonedDateTime): string {
  const year = Math.abs(moment.year());
  const sign = moment.year() < 0 ? "-" : year > 9999 ? "+" : "";
  return `${sign}${String(year).padStart(sign === "" ? 4 : 6, "0")}-${two(moment.monthValue())}-${two(moment.dayOfMonth())}`;
}

/** `+01:00`, and Z for none. */
export const offsetText = (moment: ZonedDateTime): string => moment.offset().id();

export const two = (value: number): string => String(value).padStart(2, "0");
