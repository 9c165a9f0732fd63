/** A recipe is a node: its request is built from its params, then goes the way of every `http_request`. */
import { ArcrunError } from "../../shared/model/errors.ts";
import { evaluate, parseExpression } from "../../shared/model/expression/expression.ts";
import { resolveConfig } from "../../shared/model/expression/template.ts";
import type { AuthRecipe, Recipe } from "../../shared/recipe.ts";
import { schemaProblems } from "../../shared/schema-problems.ts";
import type { RunnerDeps } from "./deps.ts";
import type { Attempt, Performed } from "./attempt.ts";
import { runPartWith } from "./part-step.ts";
import { addressRequest, type SecretHandle, serviceRequest, withPath } from "./plain-request.ts";

/** The `http_request` params of a recipe; templates see the caller's params only. Secrets stay handles. */
export type RecipeRequest = {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body_json?: unknown;
  readonly response: "auto";
  readonly idempotency_header?: string;
};

export async function runRecipe(attempt: Attempt, id: string, deps: RunnerDeps): Promise<Performed> {
  const secret: SecretHandle = (name) => deps.ids.secretHandle(attempt.assignment.run.id, name);
  const recipe = deps.recipes.recipe(id);
  if (recipe === undefined) return runPartWith("http_request", plainRequest(attempt, id, secret, deps), attempt, deps);
  const auth = recipe.auth === undefined ? undefined : deps.recipes.auth(recipe.auth);
  const params = isRecord(attempt.params) ? attempt.params : {};
  checkParams(recipe, params);
  const performed = await runPartWith("http_request", buildRequest(recipe, auth, params, secret), attempt, deps);
  return performed.kind === "answered"
    ? { ...performed, output: { success: true, data: mapResponse(recipe, performed.output) } }
    : performed;
}

/** Throws `part.not_found`. */
function plainRequest({ params }: Attempt, id: string, secret: SecretHandle, { recipes }: RunnerDeps): unknown {
  if (/^https?:/.test(id)) return addressRequest(id, params);
  const auth = recipes.auth(id);
  if (auth === undefined) throw new ArcrunError("part.not_found", `there is no recipe "${id}" in this deploy`);
  return serviceRequest(auth, isRecord(params) ? params : {}, secret);
}

function checkParams(recipe: Recipe, params: Readonly<Record<string, unknown>>): void {
  const [problem] = schemaProblems(recipe.params, params);
  if (problem === undefined) return;
  throw new ArcrunError("recipe.invalid_params", `${recipe.canonicalId}${problem.pointer}: ${problem.detail}`, {
    details: { pointer: problem.pointer },
  });
}

export function buildRequest(
  recipe: Recipe,
  auth: AuthRecipe | undefined,
  params: Readonly<Record<string, unknown>>,
  credential: SecretHandle,
): RecipeRequest {
  const { endpoint, headers, query, bodyTemplate } = recipe;
  const inject = auth?.inject ?? {};
  const options = { node: recipe.canonicalId, credential };
  const text = (template: string, encode: boolean): string =>
    String(resolveConfig(template, encode ? encodedParams(params) : params, options));
  const texts = (map: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(map).map(([name, value]) => [name, text(value, false)]));
  const body = bodyTemplate === undefined ? undefined : resolveConfig(bodyTemplate, params, options);
  const injected = inject.body === undefined ? body : { ...(isRecord(body) ? body : {}), ...texts(inject.body) };
  return {
    url: withPath(text(endpoint, true), inject.path === undefined ? "" : text(inject.path, false)),
    method: recipe.method,
    headers: { ...texts(headers), ...texts(inject.header ?? {}) },
    query: { ...texts(query), ...texts(inject.query ?? {}) },
    response: "auto",
    ...(injected === undefined ? {} : { body_json: injected }),
    ...(recipe.idempotencyHeader === undefined ? {} : { idempotency_header: recipe.idempotencyHeader }),
  };
}

/** What goes into an endpoint's path is data, not a path. */
const encodedParams = (params: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, typeof value === "string" ? encodeURIComponent(value) : value]));

/** `response_map` names fields of the parsed body by path; without one the answer is handed on as it is. */
export function mapResponse(recipe: Recipe, output: unknown): unknown {
  const data = isRecord(output) ? output["data"] : undefined;
  const entries = Object.entries(recipe.responseMap);
  if (entries.length === 0) return data;
  const json = isRecord(data) && isRecord(data["json"]) ? data["json"] : {};
  return Object.fromEntries(entries.map(([field, path]) => [field, evaluate(parseExpression(`body.${path} ?? null`), { body: json })]));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
