import "@js-joda/timezone/dist/js-joda-timezone-empty.esm.js";
import { ZoneId, ZoneRulesProvider } from "@js-joda/core";
import data from "arcrun:time-zones";

/** What the provider of js-joda has, too, though its types do not say so. */
type Provider = {
  loadTzdbData(packed: { readonly version: string; readonly zones: readonly string[]; readonly links: readonly string[] }): void;
};

const nameOf = (packed: string): string => packed.slice(0, packed.indexOf("|"));
/** A link is `Canonical/Name|Other/Name`. */
const targets: ReadonlyMap<string, string> = new Map(data.links.map((link) => [link.slice(link.indexOf("|") + 1), nameOf(link)]));
const zones: ReadonlyMap<string, string> = new Map(data.zones.map((packed) => [nameOf(packed), packed]));
const loaded = new Set<string>();

/** The zone of this name. Its rules, from the beginning to 2100, are unpacked when it is first asked for. */
export function ianaZone(name: string): ZoneId | undefined {
  const canonical = targets.get(name) ?? name;
  const packed = zones.get(canonical);
  if (packed === undefined) return undefined;
  if (!loaded.has(name)) {
    const provider = ZoneRulesProvider as unknown as Provider; // see there
    provider.loadTzdbData({ version: data.version, zones: [packed], links: name === canonical ? [] : [`${canonical}|${name}`] });
    loaded.add(name);
  }
  return ZoneId.of(name);
}
