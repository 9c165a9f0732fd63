/** JSON Schema (draft 2020-12), interpreted: Workers refuse the validators that compile to code. */
import { type Schema, Validator } from "@cfworker/json-schema";

const MAX_PROBLEMS = 50;
const MAX_DETAIL_CHARS = 300;

/** What does not fit, with a JSON pointer into the value; empty: it fits. A schema that is none accepts nothing. */
export function schemaProblems(schema: unknown, value: unknown): readonly { readonly pointer: string; readonly detail: string }[] {
  if (typeof schema === "boolean") return schema ? [] : [{ pointer: "", detail: "nothing is allowed here" }];
  if (typeof schema !== "object" || schema === null) return [{ pointer: "", detail: "the schema is no JSON Schema" }];
  const result = validate(schema, value);
  // Outer errors, and a condition, only say that something inside is wrong: those without a child that says it better are told.
  const leaves = result.filter(
    (one) => one.keyword !== "if" && !result.some((other) => other !== one && other.keywordLocation.startsWith(`${one.keywordLocation}/`)),
  );
  return leaves
    .slice(0, MAX_PROBLEMS)
    .map(({ instanceLocation, error }) => ({ pointer: instanceLocation.replace(/^#/, ""), detail: error.slice(0, MAX_DETAIL_CHARS) }));
}

/** To make one costs more than to ask it. */
const validators = new WeakMap<object, Validator>();

function validatorOf(schema: Schema): Validator {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  const made = new Validator(schema, "2020-12", false);
  validators.set(schema, made);
  return made;
}

function validate(schema: Schema, value: unknown) {
  try {
    return validatorOf(schema).validate(value).errors;
  } catch (thrown) {
    return [{ instanceLocation: "#", keywordLocation: "#", keyword: "$schema", error: `the schema cannot be used: ${String(thrown)}` }];
  }
}
