/** API keys. A key is shown once, when it is made; what is kept is its hash. */
import { z } from "zod";
import { json, type KeyedCall, type Route } from "../../../shared/http/http-app.ts";
import { readFields } from "../../../shared/http/parse-request.ts";
import { notFound } from "../../../shared/http/problem.ts";
import { sha256Hex } from "../../../shared/ids.ts";
import { ArcrunError } from "../../../shared/model/errors.ts";
import { type Key, SCOPES } from "../../../shared/ports.ts";
import { isoTime } from "../../../shared/run-json.ts";
import type { IngressDeps } from "../deps.ts";

/** The tenant of the seeded key: the operator. */
export const OPERATOR_TENANT = "default";
const KEY_BYTES = 24;
const ID_BYTES = 12;

export const keyRoutes: readonly Route<IngressDeps>[] = [
  { method: "GET", path: "/keys", scope: "admin", handle: list },
  { method: "GET", path: "/keys/signing", scope: "admin", handle: signing },
  { method: "POST", path: "/keys", scope: "admin", handle: add },
  { method: "DELETE", path: "/keys/:id", scope: "admin", handle: revoke },
];

const NewKey = z.object({
  name: z.string().min(1).max(100),
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
  tenant: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, "expected 1 to 64 letters, digits, _ or -")
    .optional(),
});

const keyJson = ({ id, tenant, name, scopes, createdAt }: Key) => ({ id, tenant, name, scopes, created_at: isoTime(createdAt) });

async function list(deps: IngressDeps, { key }: KeyedCall): Promise<Response> {
  return json({ keys: (await deps.keys.list(key.tenant)).map(keyJson) });
}

async function add(deps: IngressDeps, { request, key: caller }: KeyedCall): Promise<Response> {
  const { name, scopes, tenant: named } = await readFields(NewKey, request);
  const tenant = named ?? caller.tenant;
  if (named !== undefined && caller.tenant !== OPERATOR_TENANT)
    throw new ArcrunError("forbidden", "only the operator makes keys for a tenant by name");
  const secret = `ak_${deps.randomHex(KEY_BYTES)}`;
  const key: Key = {
    id: `key_${deps.randomHex(ID_BYTES)}`,
    tenant,
    name,
    scopes: [...new Set(scopes)],
    createdAt: deps.now(),
    seeded: false,
  };
  await deps.keys.add(key, sha256Hex(secret));
  return json({ ...keyJson(key), key: secret }, 201);
}

/** What receivers of final callbacks check signatures with, as the libraries of Standard Webhooks take it. */
async function signing(deps: IngressDeps, { key }: KeyedCall): Promise<Response> {
  return json({ signing_secret: `whsec_${Buffer.from(deps.ids.signingKey(key.tenant)).toString("base64")}` });
}

async function revoke(deps: IngressDeps, { param, key }: KeyedCall): Promise<Response> {
  const id = param("id");
  if (!(await deps.keys.revoke(key.tenant, id))) throw notFound();
  return json({ success: true, id });
}
