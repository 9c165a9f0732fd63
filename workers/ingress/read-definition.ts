/** A definition as it comes over HTTP: YAML or JSON, read, parsed and compiled. */
import { checkDepth, decodeUtf8, JSON_TYPE, mediaType, readBytes, YAML_TYPE } from "../../shared/http/body.ts";
import { ArcrunError } from "../../shared/model/errors.ts";
import { MAX_DEFINITION_BYTES } from "../../shared/model/limits.ts";
import { parseDocument } from "../../shared/model/definition/parse-document.ts";
import { secretMissing } from "../../shared/model/definition/parse-trigger.ts";
import type { ParseResult } from "../../shared/model/definition/workflow.ts";
import type { IngressDeps } from "./deps.ts";
import { parseForTenant } from "./parse-for-tenant.ts";

export type Definition = { readonly source: string; readonly format: "yaml" | "json"; readonly result: ParseResult };

/** Throws what reading a body throws; what is wrong with the definition itself is in `result`. */
export async function readDefinition(
  deps: Pick<IngressDeps, "components" | "uploadedParts" | "credentials">,
  tenant: string,
  request: Request,
): Promise<Definition> {
  const format = formatOf(request);
  const source = decodeUtf8(await readBytes(request, MAX_DEFINITION_BYTES));
  if (source.trim() === "") throw new ArcrunError("body_empty", "send the workflow as the body");
  if (format === "json") checkDepth(source);
  const document = parseDocument(source, format);
  const { issues } = document;
  if (issues.length > 0) return { source, format, result: { ok: false, errors: issues, warnings: [] } };
  return { source, format, result: await warned(deps, tenant, await parseForTenant(deps, tenant, document), document.lineOf) };
}

/** Of what is not in the definition. */
async function warned(
  { credentials }: Pick<IngressDeps, "credentials">,
  tenant: string,
  result: ParseResult,
  lineOf: (pointer: string) => number | undefined,
): Promise<ParseResult> {
  const trigger = result.ok ? result.workflow.plan.trigger : undefined;
  if (!result.ok || trigger?.kind !== "signature") return result;
  const stored = await credentials.list(tenant);
  if (stored.some(({ name }) => name === trigger.secret)) return result;
  const issue = secretMissing(trigger.secret);
  const line = lineOf(issue.pointer);
  const warnings = [...result.workflow.warnings, line === undefined ? issue : { ...issue, line }];
  return { ok: true, workflow: { ...result.workflow, warnings } };
}

function formatOf(request: Request): "yaml" | "json" {
  const type = mediaType(request);
  if (YAML_TYPE.test(type)) return "yaml";
  if (type === "" || JSON_TYPE.test(type)) return "json";
  throw new ArcrunError("unsupported_media_type", "send the workflow as application/json or application/yaml");
}
