/** The shapes of a recipe and an auth recipe, as their YAML files have them. Files are snake_case, the code is camelCase. */
import { z } from "zod";

const headerMap = z.record(z.string(), z.string());
const httpMethod = z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]);
/** A JSON Schema: its own language, checked where it is used. */
const jsonSchema = z.record(z.string(), z.unknown());

/**
 * `given` is what the caller writes in `config`. With a `response` (what the service answers) `data` is what the node's data must be;
 * without one the example shows the request only.
 */
const example = z.strictObject({
  name: z.string().min(1),
  given: z.record(z.string(), z.unknown()),
  request: z.strictObject({
    method: httpMethod,
    url: z.url(),
    headers: headerMap.default({}),
    body: z.unknown().optional(),
  }),
  response: z.strictObject({ status: z.int().min(100).max(599), json: z.unknown() }).optional(),
  data: z.unknown().optional(),
});

const recipeFile = z
  .strictObject({
    canonical_id: z.string().regex(/^[a-z][a-z0-9_]*$/),
    display_name: z.string().min(1),
    description: z.string().min(1),
    endpoint: z.string().regex(/^https:\/\//, "an endpoint begins with https://"),
    method: httpMethod.default("POST"),
    headers: headerMap.default({}),
    query: headerMap.default({}),
    body_template: z.unknown().optional(),
    params: jsonSchema,
    response_map: z.record(z.string(), z.string()).default({}),
    auth: z.string().min(1).optional(),
    effects: z.enum(["idempotent", "once"]),
    idempotency_header: z.string().optional(),
    retry: z.strictObject({ attempts: z.int().min(1).max(100) }).optional(),
    examples: z.array(example).min(1),
    author: z.string().optional(),
    derived_from: z.string().optional(),
  })
  .transform((file) => ({
    canonicalId: file.canonical_id,
    displayName: file.display_name,
    description: file.description,
    endpoint: file.endpoint,
    method: file.method,
    headers: file.headers,
    query: file.query,
    bodyTemplate: file.body_template,
    params: file.params,
    responseMap: file.response_map,
    auth: file.auth,
    effects: file.effects,
    idempotencyHeader: file.idempotency_header,
    retry: file.retry,
    examples: file.examples,
    author: file.author,
    derivedFrom: file.derived_from,
  }));

const authRecipeFile = z
  .strictObject({
    service: z.string().regex(/^[a-z][a-z0-9_]*$/),
    primitive: z.enum(["static_key", "oauth2", "service_account", "hmac"]),
    base_url: z.url().optional(),
    hosts: z.array(z.string().min(1)).min(1),
    required_secrets: z
      .array(z.strictObject({ key: z.string().min(1), label: z.string().min(1), help: z.string(), help_url: z.url().optional() }))
      .min(1),
    inject: z.strictObject({
      header: headerMap.optional(),
      query: headerMap.optional(),
      body: z.record(z.string(), z.string()).optional(),
      path: z.string().optional(),
    }),
  })
  .transform((file) => ({
    service: file.service,
    primitive: file.primitive,
    baseUrl: file.base_url,
    hosts: file.hosts,
    requiredSecrets: file.required_secrets.map(({ help_url: helpUrl, ...secret }) => ({ ...secret, helpUrl })),
    inject: file.inject,
  }));

export type Recipe = z.output<typeof recipeFile>;
export type AuthRecipe = z.output<typeof authRecipeFile>;

/** Reads a parsed recipe file. Throws a ZodError that names the field. */
export function parseRecipe(value: unknown): Recipe {
  return recipeFile.parse(value);
}

/** Reads a parsed file of `recipes/auth`. Throws a ZodError that names the field. */
export function parseAuthRecipe(value: unknown): AuthRecipe {
  return authRecipeFile.parse(value);
}
