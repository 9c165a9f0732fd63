/**
 * Templates: `{{ expression }}` inside the texts of a config.
 *
 * 1. What a template gives is never looked at again: braces in looked-up data are data.
 * 2. Values pass by reference; a part of the config without templates is the same object afterwards.
 * 3. Keys are defined, never assigned, so a key `__proto__` is a key.
 */
import { ArcrunError } from "../errors.ts";
import { type Budget, createBudget } from "./expression-budget.ts";
import { createParseCache } from "./expression-cache.ts";
import type { NameOracle } from "./expression-lexer.ts";
import { MAX_VALUE_DEPTH, measureJson } from "./expression-text.ts";
import { evaluate, type Expression, parseExpressionWith, pathsOf } from "./expression.ts";

export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "expression"; readonly expression: Expression }
  | { readonly kind: "credential"; readonly name: string; readonly expression: Expression };
/** Immutable. A template of exactly one part that is no text keeps the type of its value. `expressions` holds credentials, too. */
export type Template = { readonly parts: readonly TemplatePart[]; readonly expressions: readonly Expression[] };

type Pointer = readonly (string | number)[];
/** A text that holds a template: where, the same for people (`values.list[0]`), and the text. */
export type TemplateSite = { readonly pointer: Pointer; readonly field: string; readonly text: string };

export type ResolveOptions = {
  /** The node whose config it is, for messages. */
  readonly node: string;
  /** All first names with a meaning; the same as at push. See `parseExpression`. */
  readonly names?: ReadonlySet<string>;
  /** What to put where a credential is named. Without it no credential may be. */
  readonly credential?: (name: string) => string;
  /** A field of the config that is left as it is; see `verbatimField`. */
  readonly verbatim?: string | undefined;
  /** How much all templates together may give, as JSON (a text counts one byte a UTF-16 unit). 10 MiB by default. */
  readonly maxBytes?: number;
};

export const MAX_RESOLVED_BYTES = 10 * 1024 * 1024;
const CREDENTIAL_NAME = /^[A-Za-z0-9_-]+$/;

/** Texts in a language that has double braces of its own, by component: they are not read as templates. */
const VERBATIM_FIELDS: Readonly<Record<string, string>> = { code: "code", template: "template" };

export const verbatimField = (component: string): string | undefined =>
  Object.hasOwn(VERBATIM_FIELDS, component) ? VERBATIM_FIELDS[component] : undefined;

export const isTemplate = (text: string): boolean => text.includes("{{");

const parseCached = createParseCache(parseTemplateWith);

/**
 * Parses a text with templates; the results are cached. `names` as in `parseExpression`.
 * Throws `template.invalid` for braces without an end and for credentials that are used otherwise than `{{credential.NAME}}`,
 * `expression.invalid` for what stands between the braces.
 */
export const parseTemplate = (text: string, names?: ReadonlySet<string>): Template => parseCached(text, names);

function parseTemplateWith(text: string, isKnown: NameOracle): Template {
  const parts: TemplatePart[] = [];
  let at = 0;
  for (let open = text.indexOf("{{"); open !== -1; open = text.indexOf("{{", at)) {
    if (open > at) parts.push({ kind: "text", text: text.slice(at, open) });
    const end = findEnd(text, open + 2);
    if (end === undefined) {
      throw new ArcrunError("template.invalid", `the {{ at character ${open + 1} has no end; expected }}`, {
        details: { position: open + 1 },
      });
    }
    parts.push(parsePart(text.slice(open + 2, end), isKnown));
    at = end + 2;
  }
  if (at < text.length || parts.length === 0) parts.push({ kind: "text", text: text.slice(at) });
  return { parts, expressions: parts.flatMap((part) => (part.kind === "text" ? [] : [part.expression])) };
}

/** The offset of the `}}` that ends the template, past quoted texts and braces of objects. */
function findEnd(text: string, from: number): number | undefined {
  let depth = 0;
  let quote = "";
  for (let at = from; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (quote !== "") {
      if (char === "\\") at += 1;
      else if (char === quote) quote = "";
    } else if (char === '"' || char === "'") quote = char;
    else if (char === "{") depth += 1;
    else if (char === "}" && depth > 0) depth -= 1;
    else if (char === "}" && text.charAt(at + 1) === "}") return at;
  }
  return undefined;
}

function parsePart(text: string, isKnown: NameOracle): TemplatePart {
  const expression = parseExpressionWith(text.trim(), isKnown);
  const paths = pathsOf(expression);
  if (!paths.some(({ path }) => path[0] === "credential")) return { kind: "expression", expression };
  const [only] = paths;
  const name = only?.path[1];
  const isAlone = only?.text === expression.text && only.path.length === 2 && typeof name === "string" && CREDENTIAL_NAME.test(name);
  if (isAlone) return { kind: "credential", name, expression };
  throw new ArcrunError("template.invalid", `a credential can only be used as {{credential.NAME}}, found {{${text}}}`);
}

/** All texts with templates in a config, keys not included. Throws `json.too_deep`. */
export function findTemplates(value: unknown): TemplateSite[] {
  const sites: TemplateSite[] = [];
  const visit = (item: unknown, pointer: Pointer): void => {
    refuseDepth(pointer.length);
    if (typeof item === "string" && isTemplate(item)) sites.push({ pointer, field: nameField(pointer), text: item });
    else if (Array.isArray(item)) item.forEach((each, index) => visit(each, [...pointer, index]));
    else if (typeof item === "object" && item !== null) for (const [key, each] of Object.entries(item)) visit(each, [...pointer, key]);
  };
  visit(value, []);
  return sites;
}

/** The names of the credentials in a config, each once. Throws as `parseTemplate` does. */
export function credentialsIn(value: unknown, names?: ReadonlySet<string>): string[] {
  const parts = findTemplates(value).flatMap(({ text }) => parseTemplate(text, names).parts);
  return [...new Set(parts.flatMap((part) => (part.kind === "credential" ? [part.name] : [])))];
}

type Resolving = {
  readonly scope: Readonly<Record<string, unknown>>;
  readonly options: ResolveOptions;
  readonly budget: Budget;
  readonly path: (string | number)[];
  readonly sizes: Map<object, number>;
  bytesLeft: number;
};

/**
 * The config with its templates replaced by what they give over the scope; neither of them is changed.
 * Throws `template.unresolved`, `template.too_large`, `template.invalid` and what `parseExpression` and `evaluate` throw, with the
 * node and the field in the message and the details; `json.too_deep` for a config without end.
 */
export function resolveConfig(config: unknown, scope: Readonly<Record<string, unknown>>, options: ResolveOptions): unknown {
  const bytesLeft = options.maxBytes ?? MAX_RESOLVED_BYTES;
  return resolveValue(config, { scope, options, budget: createBudget(), path: [], sizes: new Map(), bytesLeft });
}

function resolveValue(value: unknown, state: Resolving): unknown {
  if (typeof value === "string") return isTemplate(value) ? resolveText(value, state) : value;
  if (typeof value !== "object" || value === null) return value;
  refuseDepth(state.path.length);
  const { verbatim } = state.options;
  let isChanged = false;
  const resolveAt = (key: string | number, item: unknown): unknown => {
    if (state.path.length === 0 && verbatim !== undefined && key === verbatim) return item;
    state.path.push(key);
    const resolved = resolveValue(item, state);
    state.path.pop();
    isChanged ||= resolved !== item;
    return resolved;
  };
  if (Array.isArray(value)) {
    const items = value.map((item, index) => resolveAt(index, item));
    return isChanged ? items : value;
  }
  const entries = Object.entries(value).map(([key, item]) => [key, resolveAt(key, item)] as const);
  return isChanged ? Object.fromEntries(entries) : value;
}

function resolveText(text: string, state: Resolving): unknown {
  try {
    const { parts } = parseTemplate(text, state.options.names);
    const [first] = parts;
    if (parts.length === 1 && first !== undefined) return resolvePart(first, state);
    return parts.map((part) => writeValue(resolvePart(part, state))).join("");
  } catch (error) {
    if (!(error instanceof ArcrunError)) throw error;
    const field = nameField(state.path);
    const details = { ...(typeof error.details === "object" ? error.details : {}), node: state.options.node, field };
    throw new ArcrunError(error.code, `node ${JSON.stringify(state.options.node)}: ${field}: ${error.message}`, { cause: error, details });
  }
}

const writeValue = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function resolvePart(part: TemplatePart, state: Resolving): unknown {
  if (part.kind === "text") return part.text;
  if (part.kind === "credential") {
    const { credential } = state.options;
    if (credential === undefined)
      throw new ArcrunError("template.invalid", `no credential can be used here, found {{credential.${part.name}}}`);
    return credential(part.name);
  }
  const value = evaluate(part.expression, state.scope, state.budget);
  state.bytesLeft -= measureJson(value, state.bytesLeft, state.sizes);
  if (state.bytesLeft < 0)
    throw new ArcrunError("template.too_large", `the values come to more than ${state.options.maxBytes ?? MAX_RESOLVED_BYTES} bytes`);
  return value;
}

function refuseDepth(depth: number): void {
  if (depth > MAX_VALUE_DEPTH) throw new ArcrunError("json.too_deep", `the config is nested more than ${MAX_VALUE_DEPTH} levels deep`);
}

/** `values.list[0]`, `headers["x y"]`. */
function nameField(pointer: Pointer): string {
  const steps = pointer.map((step) => {
    if (typeof step === "number") return `[${step}]`;
    return /^[\p{ID_Continue}-]+$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  });
  return steps.join("").replace(/^\./, "");
}
