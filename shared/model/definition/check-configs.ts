/** What is written in the configs of nodes, against what their components take. What a template brings is checked when it has come. */
import { ArcrunError } from "../errors.ts";
import { parseExpression } from "../expression/expression.ts";
import { at, field, type Issues, meant, shown } from "./issues.ts";
import { type InputProblem, inputProblems } from "./input-problems.ts";
import { missingFor } from "./operations.ts";
import type { ResolvedNode } from "./resolve-nodes.ts";
import { isTemplate } from "../expression/template.ts";

const CODES: Readonly<Record<InputProblem["kind"], string>> = {
  missing: "config.missing_field",
  value: "config.invalid_value",
  op: "config.unknown_op",
};

const isOpen = (value: unknown): boolean => typeof value === "string" && isTemplate(value);

export function checkConfigs(nodes: ReadonlyMap<string, ResolvedNode>, issues: Issues): void {
  for (const node of nodes.values()) checkConfig(node, issues);
}

/** A node without a config is given the context, and one that takes the context may find there what its config lacks. */
function checkConfig({ config, info, pointer }: ResolvedNode, issues: Issues): void {
  if (config === undefined || info?.input === undefined) return;
  const problems = [...inputProblems(info.input, config, isOpen), ...missingFor(info.operations ?? {}, config)];
  for (const { kind, path, detail, word } of problems) {
    if (kind === "missing" && info.receives === "context") continue;
    const near = word === undefined ? "" : meant(word.found, word.valid);
    issues.error(at(pointer, ...path), CODES[kind], `${shown(path.join("."))} ${detail}.${near}`);
  }
  for (const name of info.expressionFields ?? []) checkExpression(field(config, name), at(pointer, name), issues);
  if (info.receives === "params") warnUnknown(config, info.input, pointer, issues);
}

function checkExpression(text: unknown, pointer: string, issues: Issues): void {
  if (typeof text !== "string" || isTemplate(text)) return;
  try {
    parseExpression(text);
  } catch (thrown) {
    if (!(thrown instanceof ArcrunError)) throw thrown;
    issues.error(pointer, thrown.code, thrown.message);
  }
}

/** A part may take more than its schema names: then it says so with `additionalProperties`. */
function warnUnknown(config: object, input: Readonly<Record<string, unknown>>, pointer: string, issues: Issues): void {
  const { properties, additionalProperties } = input;
  if (typeof properties !== "object" || properties === null) return;
  if (additionalProperties !== undefined && additionalProperties !== false) return;
  const known = Object.keys(properties);
  for (const name of Object.keys(config)) {
    if (field({ ...properties }, name) !== undefined) continue;
    issues.warn(
      at(pointer, name),
      "config.unknown_field",
      () => `${shown(name)} is no field of it; it takes ${known.join(", ")}.${meant(name, known)}`,
    );
  }
}
