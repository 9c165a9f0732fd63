import type { ZonedDateTime, ZoneId } from "@js-joda/core";
import { refuseField } from "../sdk-js/fields.ts";
import { dateOf, invalid, isoOf, localOf, offsetText, two, zoneOf } from "./moment.ts";

const MONTHS = "January February March April May June July August September October November December".split(" ");
export const DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(" ");

type Token = {
  readonly write: (moment: ZonedDateTime) => string;
  /** What it looks like, and into which part of a date it goes; a token without it can only be written. */
  readonly read?: readonly [pattern: string, part: string];
};
const padded = (value: number, length: number): string => `${value < 0 ? "-" : ""}${String(Math.abs(value)).padStart(length, "0")}`;
const hour12 = (moment: ZonedDateTime): number => moment.hour() % 12 || 12;
const named = (names: readonly string[], length: number): string => names.map((name) => name.slice(0, length)).join("|");

/** The letters of Unicode (LDML), as in Luxon and date-fns; names are English. */
const TOKENS: Readonly<Record<string, Token>> = {
  yyyy: { write: (m) => padded(m.year(), 4), read: ["[+-]?\\d{4,6}", "year"] },
  yy: { write: (m) => two(Math.abs(m.year()) % 100), read: ["\\d{2}", "year2"] },
  MMMM: { write: (m) => MONTHS[m.monthValue() - 1] ?? "", read: [named(MONTHS, 99), "monthName"] },
  MMM: { write: (m) => (MONTHS[m.monthValue() - 1] ?? "").slice(0, 3), read: [named(MONTHS, 3), "monthName"] },
  MM: { write: (m) => two(m.monthValue()), read: ["\\d{2}", "month"] },
  M: { write: (m) => String(m.monthValue()), read: ["\\d{1,2}", "month"] },
  dd: { write: (m) => two(m.dayOfMonth()), read: ["\\d{2}", "day"] },
  d: { write: (m) => String(m.dayOfMonth()), read: ["\\d{1,2}", "day"] },
  DDD: { write: (m) => padded(m.dayOfYear(), 3) },
  EEEE: { write: (m) => DAYS[m.dayOfWeek().value() - 1] ?? "", read: [named(DAYS, 99), "ignored"] },
  EEE: { write: (m) => (DAYS[m.dayOfWeek().value() - 1] ?? "").slice(0, 3), read: [named(DAYS, 3), "ignored"] },
  Q: { write: (m) => String(Math.ceil(m.monthValue() / 3)) },
  HH: { write: (m) => two(m.hour()), read: ["\\d{2}", "hour"] },
  H: { write: (m) => String(m.hour()), read: ["\\d{1,2}", "hour"] },
  hh: { write: (m) => two(hour12(m)), read: ["\\d{2}", "hour12"] },
  h: { write: (m) => String(hour12(m)), read: ["\\d{1,2}", "hour12"] },
  mm: { write: (m) => two(m.minute()), read: ["\\d{2}", "minute"] },
  m: { write: (m) => String(m.minute()), read: ["\\d{1,2}", "minute"] },
  ss: { write: (m) => two(m.second()), read: ["\\d{2}", "second"] },
  s: { write: (m) => String(m.second()), read: ["\\d{1,2}", "second"] },
  SSS: { write: (m) => padded(Math.trunc(m.nano() / 1e6), 3), read: ["\\d{3}", "ms"] },
  a: { write: (m) => (m.hour() < 12 ? "AM" : "PM"), read: ["[AaPp]\\.?[Mm]\\.?", "half"] },
  XXX: { write: offsetText, read: ["Z|[+-]\\d\\d:?\\d\\d", "offset"] },
  ZZZ: { write: (m) => (offsetText(m) === "Z" ? "+0000" : offsetText(m).replace(":", "")), read: ["Z|[+-]\\d\\d:?\\d\\d", "offset"] },
  VV: { write: (m) => (m.zone().id() === "Z" ? "UTC" : m.zone().id()), read: ["[A-Za-z0-9_+/-]+", "zone"] },
};
const NAMED: Readonly<Record<string, (moment: ZonedDateTime) => string | number>> = {
  iso: isoOf,
  date: dateOf,
  time: (moment) =>
    isoOf(moment)
      .slice(isoOf(moment).indexOf("T") + 1)
      .replace(/(?:Z|[+-]\d\d:\d\d)$/, ""),
  unix: (moment) => moment.toEpochSecond(),
  unix_ms: (moment) => moment.toInstant().toEpochMilli(),
};
const PIECE = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+/g;

type Piece = { readonly text: string } | { readonly token: Token };

function piecesOf(pattern: string): readonly Piece[] {
  if ((pattern.split("'").length - 1) % 2 === 1) refuseField("format", "has a quote ' without an end");
  return [...pattern.matchAll(PIECE)].map(([whole, quoted, letter]) => {
    if (quoted !== undefined) return { text: quoted === "" ? "'" : quoted.replaceAll("''", "'") };
    if (letter === undefined) return { text: whole };
    const token = Object.hasOwn(TOKENS, whole) ? TOKENS[whole] : undefined;
    if (token !== undefined) return { token };
    return refuseField(
      "format",
      `has ${JSON.stringify(whole)}, which means nothing; expected ${Object.keys(TOKENS).join(", ")}, or words in '…'`,
    );
  });
}

export function formatBy(pattern: string, moment: ZonedDateTime): string | number {
  const name = Object.hasOwn(NAMED, pattern) ? NAMED[pattern] : undefined;
  if (name !== undefined) return name(moment);
  return piecesOf(pattern)
    .map((piece) => ("text" in piece ? piece.text : piece.token.write(moment)))
    .join("");
}

/** Reads a text by a pattern. What the pattern lacks is the start: 1970-01-01, 00:00. */
export function parseBy(pattern: string, text: string, zone: ZoneId): ZonedDateTime {
  const pieces = piecesOf(pattern);
  const parts: string[] = [];
  const source = pieces.map((piece) => {
    if ("text" in piece) return piece.text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&").replaceAll(/\s+/g, "\\s+");
    const [look, part] = piece.token.read ?? refuseField("format", "has a letter that can be written but not read (Q, DDD)");
    parts.push(part);
    return `(${look})`;
  });
  const match = new RegExp(`^${source.join("")}$`, "i").exec(text.trim());
  if (match === null) throw invalid(text, `expected ${JSON.stringify(pattern)}`);
  const found = Object.fromEntries(parts.map((part, index) => [part, match[index + 1] ?? ""]));
  const local = localOf(localText(found), text);
  if (found["zone"] !== undefined) return local.atZone(zoneOf(found["zone"]));
  if (found["offset"] === undefined) return local.atZone(zone);
  return local.atZone(zoneOf(found["offset"])).withZoneSameInstant(zone);
}

function localText(found: Readonly<Record<string, string>>): string {
  const { year, year2, month, monthName, day = "1", hour, hour12: half, minute = "0", second = "0", ms = "0" } = found;
  // As POSIX has it: 69 to 99 are of the last century.
  const century = Number(year2) < 69 ? 2000 : 1900;
  const fullYear = year ?? (year2 === undefined ? "1970" : String(century + Number(year2)));
  const named =
    monthName === undefined
      ? undefined
      : MONTHS.findIndex((name) => name.slice(0, 3).toLowerCase() === monthName.slice(0, 3).toLowerCase()) + 1;
  const isAfternoon = /^p/i.test(found["half"] ?? "");
  const fullHour = hour ?? (half === undefined ? "0" : String((Number(half) % 12) + (isAfternoon ? 12 : 0)));
  return `${fullYear}-${two(named ?? Number(month ?? "1"))}-${day.padStart(2, "0")}T${fullHour.padStart(2, "0")}:${minute.padStart(2, "0")}:${second.padStart(2, "0")}.${ms.padStart(3, "0")}`;
}
