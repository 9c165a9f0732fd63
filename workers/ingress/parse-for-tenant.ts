/** Compiles a workflow with the components that its tenant has: those of the build, and the parts that it has uploaded. */
import { schemaProblems } from "../../shared/schema-problems.ts";
import { sha256Hex } from "../../shared/ids.ts";
import { MAX_PART_NAME_CHARS } from "../../shared/model/limits.ts";
import { parseWorkflow } from "../../shared/model/definition/parse-workflow.ts";
import type { Catalogue as Components, ComponentInfo, ParseResult } from "../../shared/model/definition/workflow.ts";
import { contractOf, partInfo } from "../../shared/part-info.ts";
import type { UploadedPart } from "../../shared/ports.ts";
import type { IngressDeps } from "./deps.ts";

/** Of whom a definition may be asked about. */
const MAX_LOOKED_UP = 1000;

type Source = { readonly value: unknown; readonly lineOf?: (pointer: string) => number | undefined };

/** A definition that names built-in components only is compiled without a question to the database. */
export async function parseForTenant(
  { components, uploadedParts }: Pick<IngressDeps, "components" | "uploadedParts">,
  tenant: string,
  { value, lineOf = () => undefined }: Source,
): Promise<ParseResult> {
  const missing = new Set<string>();
  const compile = (catalogue: Components) => parseWorkflow(value, { catalogue, sha256Hex, lineOf, schemaProblems });
  const result = compile(noting(components, missing));
  if (missing.size === 0) return result;
  const [found, names] = await Promise.all([
    uploadedParts.newest(tenant, [...missing].slice(0, MAX_LOOKED_UP)),
    uploadedParts.names(tenant),
  ]);
  return ofItsContracts(compile(withUploaded(components, found, names)));
}

/** The components, noting whom they do not know and who might be a part of the tenant. */
const noting = (components: Components, missing: Set<string>): Components => ({
  names: () => components.names(),
  find(name) {
    const found = components.find(name);
    if (found === undefined && name.length <= MAX_PART_NAME_CHARS) missing.add(name);
    return found;
  },
});

function withUploaded(components: Components, parts: readonly UploadedPart[], names: readonly string[]): Components {
  const infos = new Map(parts.map(({ manifest }): [string, ComponentInfo] => [manifest.name, { ...partInfo(manifest), uploaded: true }]));
  return { find: (name) => components.find(name) ?? infos.get(name), names: () => new Set([...components.names(), ...names]) };
}

/** The same text is another version when what it was compiled for is another: a version never changes. */
function ofItsContracts(result: ParseResult): ParseResult {
  if (!result.ok) return result;
  const { plan } = result.workflow;
  const contracts = plan.vertices.flatMap((vertex) => (vertex.uploaded === true ? [`${vertex.component} ${contractOf(vertex)}`] : []));
  if (contracts.length === 0) return result;
  const version = sha256Hex(JSON.stringify([plan.version, [...new Set(contracts)].toSorted()]));
  return { ...result, workflow: { ...result.workflow, plan: { ...plan, version } } };
}
