/** The request of a node that is no recipe: its component is an address, or a service of which only the way to sign in is known. */
import { ArcrunError } from "../../shared/model/errors.ts";
import { resolveConfig } from "../../shared/model/expression/template.ts";
import type { AuthRecipe } from "../../shared/recipe.ts";

type Fields = Readonly<Record<string, unknown>>;
export type SecretHandle = (name: string) => string;

/** `component: https://…`: what the node is given is POSTed there as JSON. */
export const addressRequest = (url: string, params: unknown): Fields => ({ method: "POST", url, body_json: params });

/** `component: github`: the request that the config describes, its `url` perhaps only a path, with the service's secrets put in. */
export function serviceRequest({ service, baseUrl, inject }: AuthRecipe, params: Fields, secret: SecretHandle): Fields {
  const { url, headers, query, body_json: body } = params;
  const injected = (map: Readonly<Record<string, string>> = {}): Fields =>
    Object.fromEntries(Object.entries(map).map(([name, text]) => [name, filled(text, service, secret)]));
  return {
    ...params,
    url: withPath(fullUrl(url, baseUrl, service), inject.path === undefined ? "" : filled(inject.path, service, secret)),
    headers: { ...fieldsOf(headers), ...injected(inject.header) },
    query: { ...fieldsOf(query), ...injected(inject.query) },
    ...(inject.body === undefined ? {} : { body_json: { ...fieldsOf(body), ...injected(inject.body) } }),
  };
}

/** Put before the path of the endpoint, as text: a handle must not be encoded. */
export function withPath(url: string, path: string): string {
  if (path === "") return url;
  const origin = new URL(url).origin;
  return origin + path + url.slice(origin.length);
}

const filled = (text: string, node: string, credential: SecretHandle): string => String(resolveConfig(text, {}, { node, credential }));

function fullUrl(url: unknown, baseUrl: string | undefined, service: string): string {
  const given = typeof url === "string" ? url : "";
  const text = given === "" || given.startsWith("/") ? `${baseUrl ?? ""}${given}` : given;
  if (!URL.canParse(text))
    throw new ArcrunError("http.invalid_request", `${service}: url: expected an address, or a path that begins with /`);
  return text;
}

const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {});
