/** Deliveries: with a key, public, signed; waiting or not. */
import { decodeUtf8, parseJson, readBytes, readJson, requireJson } from "../../../shared/http/body.ts";
import type { Call, KeyedCall, Route } from "../../../shared/http/http-app.ts";
import { authenticate, presentedKey, requireScope } from "../../../shared/http/key-auth.ts";
import { notFound } from "../../../shared/http/problem.ts";
import { ArcrunError } from "../../../shared/model/errors.ts";
import { MAX_HTTP_WAIT_SECONDS } from "../../../shared/model/limits.ts";
import type { WorkflowVersion } from "../../../shared/ports.ts";
import { verifySignature } from "../../../shared/webhook-signature.ts";
import type { IngressDeps } from "../deps.ts";
import { callerIdempotency, finalCallbackUrl, takeApiKey, waitSeconds } from "../delivery.ts";
import { type Delivery, startDelivery } from "../start-delivery.ts";
import { executeCypher } from "./cypher.ts";

export const triggerRoutes: readonly Route<IngressDeps>[] = [
  { method: "POST", path: "/webhooks/named/:name/trigger", scope: "trigger", handle: triggerByKey },
  { method: "POST", path: "/webhooks/named/:name/query", scope: "trigger", handle: query },
  { method: "POST", path: "/webhooks/named/:tenant/:name/trigger", scope: null, handle: triggerByPath },
  { method: "POST", path: "/cypher/execute", scope: "trigger", handle: executeCypher },
];

/** `?version=` names one that was pushed before; without it the newest runs. Throws `not_found`. */
async function wantedVersion(deps: IngressDeps, { query: given, param }: Call, tenant: string): Promise<WorkflowVersion> {
  const [name, version] = [param("name"), given.get("version")];
  const found = version === null ? await deps.catalogue.newest(tenant, name) : await deps.catalogue.version(tenant, name, version);
  if (!found) throw notFound();
  return found;
}

async function triggerByKey(deps: IngressDeps, call: KeyedCall): Promise<Response> {
  const workflow = await wantedVersion(deps, call, call.key.tenant);
  return startDelivery(deps, call, await keyedDelivery(call, call.key.tenant, workflow));
}

async function query(deps: IngressDeps, call: KeyedCall): Promise<Response> {
  const workflow = await wantedVersion(deps, call, call.key.tenant);
  return startDelivery(deps, call, {
    ...(await keyedDelivery(call, call.key.tenant, workflow)),
    bare: true,
    seconds: MAX_HTTP_WAIT_SECONDS,
  });
}

async function keyedDelivery({ request, query: given }: Call, tenant: string, workflow: WorkflowVersion): Promise<Delivery> {
  const seconds = waitSeconds(request.headers, given);
  const finalCallback = finalCallbackUrl(request.headers, given);
  const idempotency = callerIdempotency(request.headers);
  const input = takeApiKey(await readJson(request), presentedKey(request.headers));
  return {
    tenant,
    workflow,
    input,
    seconds,
    bare: false,
    withInside: true,
    ...(idempotency ? { idempotency } : {}),
    ...(finalCallback === undefined ? {} : { finalCallback }),
  };
}

/**
 * The tenant is in the path (R10), which opens nothing but workflows that are declared public or signed. Without a key,
 * a workflow that needs one and a workflow that is not there look alike.
 */
async function triggerByPath(deps: IngressDeps, call: Call): Promise<Response> {
  const tenant = call.param("tenant");
  const workflow = await deps.catalogue.newest(tenant, call.param("name"));
  const auth = workflow?.plan.trigger ?? { kind: "key" };
  switch (auth.kind) {
    case "key": {
      const key = await authenticate(deps, call.request.headers);
      requireScope(key, "trigger");
      if (!workflow || key.tenant !== tenant) throw notFound();
      return startDelivery(deps, call, await keyedDelivery(call, tenant, await wantedVersion(deps, call, tenant)));
    }
    case "public": {
      if (!workflow) throw notFound();
      deps.startRate.takePublic(tenant);
      const input = takeApiKey(await readJson(call.request), undefined);
      return startDelivery(deps, call, keylessDelivery(call, tenant, workflow, input));
    }
    case "signature":
      if (!workflow) throw notFound();
      return startDelivery(deps, call, await signedDelivery(deps, call, workflow, auth));
  }
}

type Signed = Extract<WorkflowVersion["plan"]["trigger"], { kind: "signature" }>;

async function signedDelivery(deps: IngressDeps, call: Call, workflow: WorkflowVersion, { scheme, secret }: Signed): Promise<Delivery> {
  const tenant = call.param("tenant");
  const { headers } = call.request;
  requireJson(call.request);
  const body = await readBytes(call.request);
  const secrets = deps.failures.isSpent(headers) ? deps.rememberedSecrets : deps.credentials;
  const stored = await secrets.reveal(tenant, secret);
  const verdict = verifySignature(scheme, { headers, body }, stored?.value, deps.now());
  if (!verdict.genuine) {
    const forged = new ArcrunError("signature_invalid", "the signature of this delivery is missing, wrong or too old");
    throw deps.failures.refusal(headers, forged);
  }
  const input = takeApiKey(body.byteLength === 0 ? {} : parseJson(decodeUtf8(body)), undefined);
  const delivery = keylessDelivery(call, tenant, workflow, input);
  return verdict.deliveryId === null ? delivery : { ...delivery, idempotency: { source: scheme, key: verdict.deliveryId } };
}

/** Without a key nobody has results sent to an address of his choice, or goes back to a version that may have been replaced for a reason. */
function keylessDelivery({ request, query: given }: Call, tenant: string, workflow: WorkflowVersion, input: unknown): Delivery {
  if (given.has("version")) throw new ArcrunError("forbidden", "choosing a version needs an API key");
  if (finalCallbackUrl(request.headers, given) !== undefined) throw new ArcrunError("forbidden", "a final callback needs an API key");
  const idempotency = callerIdempotency(request.headers);
  const seconds = waitSeconds(request.headers, given);
  return { tenant, workflow, input, seconds, bare: false, withInside: false, ...(idempotency ? { idempotency } : {}) };
}
