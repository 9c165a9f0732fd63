/** What a part is given, against the schema of its manifest, before it runs: the one door for all parts, whoever wrote them. */
import { type ErrorCode, type ErrorInfo, isRetryable } from "../../shared/model/errors.ts";
import { type InputProblem, inputProblems, isExact } from "../../shared/model/definition/input-problems.ts";
import { at, isMap, type JsonMap } from "../../shared/model/definition/issues.ts";
import { missingFor } from "../../shared/model/definition/operations.ts";
import type { PartManifest } from "../../shared/part-manifest.ts";
import { schemaProblems } from "../../shared/schema-problems.ts";

/**
 * The failure `part.invalid_input` or `part.unknown_op` with a pointer to the field, or nothing when it fits. Fields that the schema does not name are no mistake:
 * a node without a config is given the whole context.
 */
export function inputError({ input, operations }: Pick<PartManifest, "input" | "operations">, params: unknown): ErrorInfo | undefined {
  if (!isMap(params)) return refusal("part.invalid_input", "the input must be an object", "");
  const [problem] = [...inputProblems(input, params), ...missingFor(operations, params)];
  if (problem !== undefined) return explained(problem);
  const whole = wholeSchemaOf(input);
  const [rest] = whole === undefined ? [] : schemaProblems(whole, withoutNulls(input, params));
  if (rest === undefined) return undefined;
  const where = rest.pointer === "" ? "the input" : `the field ${rest.pointer}`;
  return refusal("part.invalid_input", `${where} does not fit: ${rest.detail}`, rest.pointer);
}

const refusal = (code: ErrorCode, message: string, pointer: string): ErrorInfo => ({
  code,
  message,
  retryable: isRetryable(code),
  details: { pointer },
});

function explained({ kind, path, detail }: InputProblem): ErrorInfo {
  const name = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
  const code = kind === "op" ? "part.unknown_op" : "part.invalid_input";
  return refusal(code, `the field "${name.replace(/^\./, "")}" ${detail}`, at("", ...path));
}

/** Null: all of it is told by `inputProblems`. */
const wholeSchemas = new WeakMap<JsonMap, JsonMap | null>();

/** The schema for the validator that knows all keywords, when one occurs that needs it. */
function wholeSchemaOf(input: JsonMap): JsonMap | undefined {
  const known = wholeSchemas.get(input);
  if (known !== undefined) return known ?? undefined;
  const { additionalProperties: _, unevaluatedProperties: __, ...loose } = input;
  const whole = isExact(input) ? null : loose;
  wholeSchemas.set(input, whole);
  return whole ?? undefined;
}

/** An optional field that is null counts as absent. */
function withoutNulls({ required }: JsonMap, params: JsonMap): JsonMap {
  const names = new Set(Array.isArray(required) ? required : []);
  return Object.fromEntries(Object.entries(params).filter(([name, value]) => value !== null || names.has(name)));
}
