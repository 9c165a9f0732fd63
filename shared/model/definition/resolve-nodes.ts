/** Which config and which policy belong to which node, and what the node runs. */
import { canonicalName } from "./flow-graph.ts";
import { groupBy } from "../group-by.ts";
import { at, field, isMap, type Issues, type JsonMap, meant, shown } from "./issues.ts";
import { normalName } from "./parse-flow.ts";
import { parseCron } from "./parse-trigger.ts";
import { END_NODE, START_NODE } from "../plan.ts";
import type { Catalogue, ComponentInfo, ConfigEntry, Schedule } from "./workflow.ts";

/** A node with what it runs. `component` is as written; `config` is without it, and absent if there is nothing else. */
export type ResolvedNode = {
  readonly component: string;
  readonly info: ComponentInfo | undefined;
  readonly config: JsonMap | undefined;
  readonly pointer: string;
};

/** A component of old files that is no step: its node is the start, its `cron_expr` a schedule in UTC. */
const CRON = "cron";

/** The form in which old files compared names. */
const oldForm = (name: string): string => name.toLowerCase().replaceAll(/\s+/g, "-");

/** The entries of `config` or `policy` by the node that they mean; what means none is reported. */
export function matchNames(
  entries: readonly ConfigEntry[],
  mentioned: Iterable<string>,
  what: "config" | "policy",
  issues: Issues,
): ReadonlyMap<string, ConfigEntry> {
  const names = new Set([...mentioned].map((name) => canonicalName(name)));
  const byOldForm = groupBy(names, oldForm);
  const exact = new Set(entries.map(({ name }) => canonicalName(normalName(name))));
  const matched = new Map<string, ConfigEntry>();
  for (const entry of entries) {
    const name = canonicalName(normalName(entry.name));
    const similar = (byOldForm.get(oldForm(name)) ?? []).filter((node) => !exact.has(node));
    const node = names.has(name) ? name : similar.length === 1 ? similar[0] : undefined;
    if (names.size === 0) continue; // there is no flow, which is said elsewhere
    if (node === undefined) {
      const detail = (): string =>
        `${shown(entry.name)} is no node of the flow; expected a name that the flow mentions.${meant(name, names)}`;
      issues.error(entry.pointer, `${what}.unknown_node`, detail);
    } else if (matched.has(node)) {
      issues.error(entry.pointer, `${what}.duplicate_node`, `${shown(entry.name)} is the same node as ${shown(matched.get(node)?.name)}`);
    } else {
      matched.set(node, entry);
    }
  }
  return matched;
}

/** The entries of a map of the definition; absent is empty, anything but a map is reported. */
export function entriesOf(definition: JsonMap, key: "config" | "policy", issues: Issues): readonly ConfigEntry[] {
  const map = field(definition, key);
  if (map === undefined || map === null) return [];
  if (!isMap(map)) {
    issues.error(at("", key), `${key}.not_a_map`, `found ${shown(map)}; expected a map with the names of nodes as keys`);
    return [];
  }
  return Object.entries(map).map(([name, value]) => ({ name, value, pointer: at("", key, name) }));
}

/** The nodes that are schedules in the old form, and the schedules that they are. */
export function findCronNodes(
  configs: ReadonlyMap<string, ConfigEntry>,
  issues: Issues,
): { readonly names: ReadonlySet<string>; readonly schedules: readonly Schedule[] } {
  const found = [...configs].filter(([, { value }]) => isMap(value) && field(value, "component") === CRON);
  const schedules = found.flatMap(([, { value, pointer }]): readonly Schedule[] => {
    const cron = parseCron(isMap(value) ? field(value, "cron_expr") : undefined, at(pointer, "cron_expr"), issues);
    return cron === undefined ? [] : [{ cron, timezone: "UTC", input: {}, overlap: "skip", catchUp: "none" }];
  });
  return { names: new Set(found.map(([name]) => name)), schedules };
}

/** What each node of the flow runs. A node that cannot be resolved is reported and absent. */
export function resolveNodes(
  nodes: ReadonlyMap<string, string>,
  configs: ReadonlyMap<string, ConfigEntry>,
  catalogue: Catalogue,
  issues: Issues,
): ReadonlyMap<string, ResolvedNode> {
  const resolved = new Map<string, ResolvedNode>();
  for (const [node, mention] of nodes) {
    const entry = configs.get(node);
    if (node === START_NODE) {
      if (entry !== undefined) issues.warn(entry.pointer, "config.ignored", "the start needs no config; this one is not read");
      continue;
    }
    if (entry === undefined && node !== END_NODE) {
      issues.error(mention, "config.missing", `the node ${shown(node)} has no config; expected one in /config with a component`);
    }
    const found = entry === undefined ? undefined : resolveEntry(node, entry, catalogue, issues);
    if (found !== undefined) resolved.set(node, found);
  }
  return resolved;
}

function resolveEntry(node: string, { value, pointer }: ConfigEntry, catalogue: Catalogue, issues: Issues): ResolvedNode | undefined {
  if (!isMap(value)) {
    issues.error(pointer, "config.not_a_map", `found ${shown(value)}; expected a map`);
    return undefined;
  }
  // The config of the end is what the run gives: a plain map.
  if (node === END_NODE) return { component: END_NODE, info: undefined, config: value, pointer };
  const { component, ...written } = value;
  if (typeof component !== "string" || component === "") {
    issues.error(at(pointer, "component"), "config.component_missing", `found ${shown(component)}; expected the name of a part or recipe`);
    return undefined;
  }
  const info = catalogue.find(component);
  if (info === undefined) {
    const detail = (): string =>
      `unknown component ${shown(component)}; expected the name of a part or recipe.${meant(component, catalogue.names())}`;
    issues.error(at(pointer, "component"), "config.unknown_component", detail);
  }
  const config = withoutIgnored(written, info, pointer, issues);
  return {
    component,
    info,
    config: Object.keys(config).length === 0 ? undefined : config,
    pointer,
  };
}

/** Not even the templates of what is ignored are looked at, and what it holds (it may be a key) is not kept in the plan. */
function withoutIgnored(config: JsonMap, info: ComponentInfo | undefined, pointer: string, issues: Issues): JsonMap {
  const ignored = Object.keys(config).filter((name) => info?.ignores?.includes(name));
  for (const name of ignored) issues.warn(at(pointer, name), "config.ignored", `${shown(name)} is not needed and not read`);
  return ignored.length === 0 ? config : Object.fromEntries(Object.entries(config).filter(([name]) => !ignored.includes(name)));
}
