/**
 * The module `arcrun:time-zones`: the IANA data that @js-joda/timezone brings, up to the year 2100. Its own module unpacks six hundred
 * years of all zones when it is loaded, which would be 4 MB of memory image; `parts/date_ops` unpacks the one zone that it is asked for.
 */
import { ZoneRulesProvider } from "@js-joda/core";
import "@js-joda/timezone";

const LAST_MINUTE = Date.UTC(2101, 0, 1) / 60_000;
const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX";

export const timeZones = {
  name: "time-zones",
  setup(build) {
    build.onResolve({ filter: /^arcrun:time-zones$/ }, ({ path }) => ({ path, namespace: "time-zones" }));
    build.onLoad({ filter: /.*/, namespace: "time-zones" }, () => {
      const { version, zones, links } = ZoneRulesProvider.getTzdbData();
      return { contents: JSON.stringify({ version, zones: zones.map(shortened), links }), loader: "json" };
    });
  },
};

/** A zone is `name|abbreviations|offsets|indices|untils|population`; each of the untils is minutes after the one before, in base 60. */
function shortened(zone) {
  const [name, abbreviations, offsets, indices, untils] = zone.split("|");
  const steps = untils.split(" ");
  let minute = 0;
  let count = 0;
  while (count < indices.length - 1 && (minute += minutesOf(steps[count])) <= LAST_MINUTE) count += 1;
  return [name, abbreviations, offsets, indices.slice(0, count + 1), steps.slice(0, count).join(" "), ""].join("|");
}

function minutesOf(text) {
  const [whole, fraction = ""] = text.replace("-", "").split(".");
  const value = [...whole].reduce((sum, digit) => sum * 60 + DIGITS.indexOf(digit), 0);
  const rest = [...fraction].reduce((sum, digit, place) => sum + DIGITS.indexOf(digit) / 60 ** (place + 1), 0);
  return text.startsWith("-") ? -(value + rest) : value + rest;
}
