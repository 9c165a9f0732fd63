/** Parts that a tenant brings. They count at once: for the next push of a workflow, and for the next run. */
import { json, type KeyedCall, type Route } from "../../../shared/http/http-app.ts";
import { notFound } from "../../../shared/http/problem.ts";
import type { Issue } from "../../../shared/model/errors.ts";
import type { PartManifest } from "../../../shared/part-manifest.ts";
import { contractOf, partInfo } from "../../../shared/part-info.ts";
import type { IngressDeps } from "../deps.ts";
import { readPart } from "../read-part.ts";

export const uploadedPartRoutes: readonly Route<IngressDeps>[] = [
  { method: "POST", path: "/parts", scope: "deploy", handle: push },
  { method: "DELETE", path: "/parts/:name", scope: "deploy", handle: remove },
];

async function push(deps: IngressDeps, { request, key: { tenant } }: KeyedCall): Promise<Response> {
  const { bytes, ...part } = await readPart(deps, request);
  const { manifest } = part;
  const { name, version, digest } = manifest;
  const [before] = await deps.uploadedParts.newest(tenant, [name]);
  // The bytes first: nobody is pointed at what is not there.
  await deps.partStore.put(digest, part, bytes);
  const created = await deps.uploadedParts.push(tenant, { manifest, createdAt: deps.now() });
  const warnings = before === undefined ? [] : contractWarnings(before.manifest, manifest);
  return json({ success: true, name, version, digest, created, module_bytes: bytes.byteLength, warnings }, created ? 201 : 200);
}

function contractWarnings(before: PartManifest, now: PartManifest): readonly Issue[] {
  const [old, contract] = [before, now].map((manifest) => contractOf(partInfo(manifest)));
  if (old === contract) return [];
  const detail = `workflows that were pushed before keep the version before (${old}), for this one is another contract (${contract}): push them again`;
  return [{ pointer: "/manifest", code: "part.contract_changed", detail }];
}

async function remove(deps: IngressDeps, { param, key: { tenant } }: KeyedCall): Promise<Response> {
  const name = param("name");
  if (!(await deps.uploadedParts.remove(tenant, name))) throw notFound();
  return json({ success: true, name });
}
