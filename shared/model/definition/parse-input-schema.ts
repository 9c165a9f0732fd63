/** Checks that `input` is a plausible JSON Schema: what a validator would silently pass over is refused here. */
import { at, field, isMap, type Issues, type JsonMap, meant, shown } from "./issues.ts";

const TYPES = ["array", "boolean", "integer", "null", "number", "object", "string"] as const;

type Check = (value: unknown, pointer: string, issues: Issues) => void;

function refuse(value: unknown, expected: string, pointer: string, issues: Issues): void {
  issues.error(pointer, "input.invalid_schema", `found ${shown(value)}; expected ${expected}`);
}

const isType = (value: unknown): boolean => TYPES.some((type) => type === value);

const checkType: Check = (value, pointer, issues) => {
  if (Array.isArray(value) ? value.length > 0 && value.every(isType) : isType(value)) return;
  const near = typeof value === "string" ? meant(value, TYPES) : "";
  refuse(value, `one of ${TYPES.join(", ")}, or a list of them.${near}`, pointer, issues);
};

/** A map of names to schemas. */
const checkMap: Check = (value, pointer, issues) => {
  if (!isMap(value)) return refuse(value, "a map of schemas", pointer, issues);
  for (const [name, schema] of Object.entries(value)) checkInputSchema(schema, at(pointer, name), issues);
};

const checkList: Check = (value, pointer, issues) => {
  if (!Array.isArray(value) || value.length === 0) return refuse(value, "a list of schemas", pointer, issues);
  value.forEach((schema: unknown, i) => checkInputSchema(schema, at(pointer, i), issues));
};

const checkItems: Check = (value, pointer, issues) => (Array.isArray(value) ? checkList : checkInputSchema)(value, pointer, issues);

const checkNames: Check = (value, pointer, issues) => {
  if (!Array.isArray(value) || !value.every((name) => typeof name === "string")) refuse(value, "a list of names", pointer, issues);
};

const checkEnum: Check = (value, pointer, issues) => {
  if (!Array.isArray(value)) refuse(value, "a list of values", pointer, issues);
};

const checkNumber: Check = (value, pointer, issues) => {
  if (typeof value !== "number") refuse(value, "a number", pointer, issues);
};

const checkCount: Check = (value, pointer, issues) => {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0)
    refuse(value, "a whole number that is not negative", pointer, issues);
};

const checkPattern: Check = (value, pointer, issues) => {
  try {
    if (typeof value === "string" && new RegExp(value, "u").source !== "") return;
  } catch {
    // Said below, like any other value that is no pattern.
  }
  refuse(value, "a regular expression", pointer, issues);
};

const checkReference: Check = (value, pointer, issues) => {
  if (typeof value !== "string" || !value.startsWith("#")) refuse(value, "a reference into this schema, beginning with #", pointer, issues);
};

/** The keywords that have a form. All others mean nothing to us and are left alone, as the standard says. */
const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ["type", checkType],
  ...["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"].map((key) => [key, checkMap] as const),
  ...["allOf", "anyOf", "oneOf", "prefixItems"].map((key) => [key, checkList] as const),
  ...["not", "if", "then", "else", "contains", "propertyNames", "additionalProperties", "additionalItems", "unevaluatedProperties"].map(
    (key) => [key, checkInputSchema] as const,
  ),
  ["items", checkItems],
  ["required", checkNames],
  ["enum", checkEnum],
  ["pattern", checkPattern],
  ["$ref", checkReference],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"].map((key) => [key, checkNumber] as const),
  ...["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"].map((key) => [key, checkCount] as const),
]);

/** Reports every place at which the schema cannot be one. */
export function checkInputSchema(schema: unknown, pointer: string, issues: Issues): void {
  if (typeof schema === "boolean") return;
  if (!isMap(schema)) return refuse(schema, "a JSON Schema: a map, true or false", pointer, issues);
  for (const key of Object.keys(schema)) checkKeyword(schema, key, pointer, issues);
}

function checkKeyword(schema: JsonMap, key: string, pointer: string, issues: Issues): void {
  CHECKS.get(key)?.(field(schema, key), at(pointer, key), issues);
}
