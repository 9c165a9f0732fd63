/** Workflows: push, try, list, read, delete. */
import { json, type KeyedCall, type Route } from "../../../shared/http/http-app.ts";
import { notFound } from "../../../shared/http/problem.ts";
import { ArcrunError, type Issue } from "../../../shared/model/errors.ts";
import type { ParsedWorkflow } from "../../../shared/model/definition/workflow.ts";
import { toMermaid } from "../../../shared/model/mermaid.ts";
import type { Plan } from "../../../shared/model/plan.ts";
import type { WorkflowHead } from "../../../shared/ports.ts";
import { graphJson, isoTime } from "../../../shared/run-json.ts";
import type { IngressDeps } from "../deps.ts";
import { pushWorkflow, removeWorkflow } from "../push-workflow.ts";
import { readDefinition } from "../read-definition.ts";

export const workflowRoutes: readonly Route<IngressDeps>[] = [
  { method: "POST", path: "/webhooks/named", scope: "deploy", handle: push },
  { method: "GET", path: "/webhooks/named", scope: "read", handle: list },
  { method: "GET", path: "/webhooks/named/:name/definition", scope: "read", handle: definition },
  { method: "GET", path: "/webhooks/named/:name/versions", scope: "read", handle: versions },
  { method: "DELETE", path: "/webhooks/named/:name", scope: "deploy", handle: remove },
  { method: "POST", path: "/validate", scope: "read", handle: validate },
];

/** The address to use: without a key for whoever needs none. */
function webhookUrl(deps: IngressDeps, tenant: string, name: string, trigger: Plan["trigger"]): string {
  return `${deps.publicUrl}/webhooks/named/${trigger.kind === "key" ? "" : `${tenant}/`}${name}/trigger`;
}

export function requireWorkflow(errors: readonly Issue[]): never {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  throw new ArcrunError("workflow_invalid", `the workflow cannot work: ${first?.pointer ?? ""} ${first?.detail ?? ""}${more}`, {
    issues: errors,
  });
}

async function push(deps: IngressDeps, { request, key: { tenant } }: KeyedCall): Promise<Response> {
  const { source, format, result } = await readDefinition(deps, tenant, request);
  if (!result.ok) return requireWorkflow(result.errors);
  const { name, description, plan, schedules, warnings }: ParsedWorkflow = result.workflow;
  const { version } = plan;
  const pushed = { name, version, description, plan, source, format, createdAt: deps.now(), schedules };
  const created = await pushWorkflow(deps, tenant, pushed);
  return json(
    { success: true, name, version, created, webhook_url: webhookUrl(deps, tenant, name, plan.trigger), warnings },
    created ? 201 : 200,
  );
}

async function validate(deps: IngressDeps, { request, key: { tenant } }: KeyedCall): Promise<Response> {
  const { result } = await readDefinition(deps, tenant, request);
  if (!result.ok) return json({ valid: false, errors: result.errors, warnings: result.warnings, plan: null, mermaid: null });
  const { plan, warnings } = result.workflow;
  return json({ valid: true, errors: [], warnings, plan: graphJson(plan), mermaid: toMermaid(plan) });
}

async function list(deps: IngressDeps, { key: { tenant } }: KeyedCall): Promise<Response> {
  const heads = await deps.catalogue.list(tenant);
  const workflows = heads.map(({ name, description, version, createdAt, trigger }: WorkflowHead) => ({
    name,
    description,
    version,
    created_at: isoTime(createdAt),
    webhook_url: webhookUrl(deps, tenant, name, trigger),
  }));
  return json({ workflows, total: workflows.length });
}

async function definition(deps: IngressDeps, { query, param, key: { tenant } }: KeyedCall): Promise<Response> {
  const [name, version] = [param("name"), query.get("version")];
  const found = version === null ? await deps.catalogue.newest(tenant, name) : await deps.catalogue.version(tenant, name, version);
  if (!found) throw notFound();
  const { description, format, source, plan, createdAt } = found;
  return json({ name, version: found.version, description, format, definition: source, plan, created_at: isoTime(createdAt) });
}

async function versions(deps: IngressDeps, { param, key: { tenant } }: KeyedCall): Promise<Response> {
  const name = param("name");
  const found = await deps.catalogue.versions(tenant, name);
  if (found.length === 0) throw notFound();
  return json({ name, versions: found.map(({ version, createdAt }) => ({ version, created_at: isoTime(createdAt) })) });
}

async function remove(deps: IngressDeps, { param, background, key: { tenant } }: KeyedCall): Promise<Response> {
  const name = param("name");
  if (!(await removeWorkflow(deps, tenant, name, (work) => background.waitUntil(work)))) throw notFound();
  return json({ success: true, name });
}
