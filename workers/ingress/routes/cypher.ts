/** `POST /cypher/execute`: runs a flow that is not stored. */
import { z } from "zod";
import { readJson } from "../../../shared/http/body.ts";
import type { KeyedCall } from "../../../shared/http/http-app.ts";
import { presentedKey } from "../../../shared/http/key-auth.ts";
import { parseFields } from "../../../shared/http/parse-request.ts";
import { MAX_HTTP_WAIT_SECONDS } from "../../../shared/model/limits.ts";
import type { IngressDeps } from "../deps.ts";
import { callerIdempotency, takeApiKey } from "../delivery.ts";
import { parseForTenant } from "../parse-for-tenant.ts";
import { startDelivery } from "../start-delivery.ts";
import { requireWorkflow } from "./workflows.ts";

const NAME = "cypher_execute";
const Body = z.object({
  triplets: z.array(z.unknown()),
  config: z.unknown().optional(),
  context: z.unknown().optional(),
  policy: z.unknown().optional(),
});

export async function executeCypher(deps: IngressDeps, call: KeyedCall): Promise<Response> {
  const { request, key } = call;
  const presented = presentedKey(request.headers);
  const { triplets, config = {}, context = {}, policy } = parseFields(Body, takeApiKey(await readJson(request), presented));
  const definition = {
    name: NAME,
    description: "a flow that is not stored",
    flow: triplets,
    config,
    ...(policy === undefined ? {} : { policy }),
  };
  const result = await parseForTenant(deps, key.tenant, { value: definition });
  if (!result.ok)
    return requireWorkflow(result.errors.map((error) => ({ ...error, pointer: error.pointer.replace(/^\/flow(?=\/|$)/, "/triplets") })));
  const idempotency = callerIdempotency(request.headers);
  return startDelivery(deps, call, {
    tenant: key.tenant,
    workflow: { name: NAME, plan: result.workflow.plan },
    input: takeApiKey(context, presented),
    seconds: MAX_HTTP_WAIT_SECONDS,
    bare: false,
    withInside: true,
    ...(idempotency ? { idempotency } : {}),
  });
}
