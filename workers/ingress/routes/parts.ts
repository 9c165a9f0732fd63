/** The parts that a tenant may use, with all that a form or an agent must know to use them. */
import { json, type KeyedCall, type Route } from "../../../shared/http/http-app.ts";
import { notFound } from "../../../shared/http/problem.ts";
import type { PartEntry } from "../../../shared/part-catalogue.ts";
import { renderPartDocs } from "../../../shared/part-docs.ts";
import type { IngressDeps } from "../deps.ts";

export const partRoutes: readonly Route<IngressDeps>[] = [
  { method: "GET", path: "/parts", scope: "read", handle: list },
  { method: "GET", path: "/parts/:name", scope: "read", handle: show },
];

const headJson = ({ manifest, origin }: PartEntry) => ({
  name: manifest.name,
  summary: manifest.summary,
  category: manifest.category,
  version: manifest.version,
  digest: manifest.digest,
  origin,
  effects: manifest.effects,
  may_pause: manifest.mayPause,
  receives: manifest.receives,
  aliases: manifest.aliases,
  tags: manifest.tags,
});

/** `?q=` looks for words in name, aliases, summary and tags; `?category=` is exact. */
async function list(deps: IngressDeps, { query, key }: KeyedCall): Promise<Response> {
  const category = query.get("category");
  const words = (query.get("q") ?? "").toLowerCase().split(/\s+/);
  const found = (await deps.parts.list(key.tenant)).filter(({ manifest }) => {
    const text = [manifest.name, ...manifest.aliases, manifest.summary, ...manifest.tags].join("\n").toLowerCase();
    return (category === null || manifest.category === category) && words.every((word) => text.includes(word));
  });
  const parts = found.map(headJson).toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return json({ parts, total: parts.length });
}

async function show(deps: IngressDeps, { param, key }: KeyedCall): Promise<Response> {
  const entry = await deps.parts.find(key.tenant, param("name"));
  if (entry === undefined) throw notFound();
  const { manifest, examples } = entry;
  const { input, operations, output, fuel, memoryMib, timeoutMs, calls, httpHosts } = manifest;
  return json({
    ...headJson(entry),
    input,
    operations,
    output,
    limits: { fuel, memory_mib: memoryMib, timeout_ms: timeoutMs },
    grants: { calls, http_hosts: httpHosts },
    docs: renderPartDocs(manifest, examples),
    examples,
  });
}
