/** Secrets: stored, listed by name, deleted. No answer ever holds a value. */
import { z } from "zod";
import { json, type KeyedCall, type Route } from "../../../shared/http/http-app.ts";
import { readFields } from "../../../shared/http/parse-request.ts";
import { invalid, notFound } from "../../../shared/http/problem.ts";
import { isoTime } from "../../../shared/run-json.ts";
import type { IngressDeps } from "../deps.ts";

export const credentialRoutes: readonly Route<IngressDeps>[] = [
  { method: "GET", path: "/credentials", scope: "admin", handle: list },
  { method: "PUT", path: "/credentials/:name", scope: "admin", handle: put },
  { method: "DELETE", path: "/credentials/:name", scope: "admin", handle: remove },
];

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const MAX_SECRET_CHARS = 65_536;
const MAX_HOSTS = 50;
const Host = z
  .string()
  .max(260)
  .toLowerCase()
  .regex(/^(?:[\p{L}\p{N}._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/u, "expected host or host:port");
const Secret = z.object({ value: z.string().min(1).max(MAX_SECRET_CHARS), hosts: z.array(Host).max(MAX_HOSTS).default([]) });

async function list(deps: IngressDeps, { key }: KeyedCall): Promise<Response> {
  const found = await deps.credentials.list(key.tenant);
  return json({ credentials: found.map(({ name, hosts, createdAt }) => ({ name, hosts, created_at: isoTime(createdAt) })) });
}

async function put(deps: IngressDeps, { request, param, key }: KeyedCall): Promise<Response> {
  const name = param("name");
  if (!NAME.test(name)) throw invalid("/name", "expected 1 to 64 letters, digits, _ or -");
  const { value, hosts } = await readFields(Secret, request);
  const done = await deps.credentials.put(key.tenant, name, value, hosts);
  return json({ success: true, name, hosts, created: done === "created" }, done === "created" ? 201 : 200);
}

async function remove(deps: IngressDeps, { param, key }: KeyedCall): Promise<Response> {
  const name = param("name");
  if (!(await deps.credentials.remove(key.tenant, name))) throw notFound();
  return json({ success: true, name });
}
