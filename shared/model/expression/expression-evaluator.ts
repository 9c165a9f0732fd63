/**
 * Walks the tree of an expression over a scope.
 *
 * 1. Data are read by own keys only: `__proto__` or `toString` is there when the data say so, and not otherwise.
 * 2. Nothing is written to what was read; values pass by reference.
 * 3. Whatever takes time or space is paid for from the budget before it is done.
 */
import { ArcrunError } from "../errors.ts";
import { type Ast, isPath, type Macro } from "./expression-ast.ts";
import { type Budget, spend } from "./expression-budget.ts";
import { applyOperator, callFunction, describe, fail, isMap } from "./expression-operations.ts";

export type Scope = Readonly<Record<string, unknown>>;
/** The variables of the macros around, innermost first. */
type Locals = { readonly name: string; value: unknown; readonly outer: Locals | undefined };
export type Evaluation = { readonly text: string; readonly scope: Scope; readonly budget: Budget; readonly locals?: Locals | undefined };

/** What stands where a path leads to nothing. Never leaves this file. */
const ABSENT = Symbol("absent");

/** The value of the tree. Throws `template.unresolved`, `expression.failed`, `expression.too_complex`. */
export function evaluateAst(ast: Ast, evaluation: Evaluation): unknown {
  const value = evaluateOrAbsent(ast, evaluation);
  return value === ABSENT ? unresolved(ast, evaluation) : value;
}

function unresolved({ start, end }: Ast, { text }: Evaluation): never {
  const path = text.slice(start, end);
  const hint = /[\p{ID_Continue}]-\d/u.test(path) ? " (a subtraction is written with spaces around the minus)" : "";
  throw new ArcrunError("template.unresolved", `nothing at ${path}${hint}`, { details: { path } });
}

function evaluateOrAbsent(ast: Ast, evaluation: Evaluation): unknown {
  spend(evaluation.budget, 1);
  switch (ast.kind) {
    case "literal":
      return ast.value;
    case "name":
      return lookUp(ast.name, evaluation);
    case "field":
      return readField(evaluateTarget(ast.target, evaluation), ast.name);
    case "index":
      return readIndex(evaluateTarget(ast.target, evaluation), evaluateAst(ast.index, evaluation));
    case "list":
      return ast.items.map((item) => evaluateAst(item, evaluation));
    case "map":
      return Object.fromEntries(ast.entries.map(([key, value]) => [evaluateKey(key, evaluation), evaluateAst(value, evaluation)]));
    case "unary":
      return evaluateUnary(ast.operator, evaluateAst(ast.operand, evaluation));
    case "binary":
      return evaluateBinary(ast, evaluation);
    case "choice":
      return evaluateAst(evaluateBoolean(ast.condition, "?", evaluation) ? ast.yes : ast.no, evaluation);
    case "has":
      return evaluateUnlessAbsent(ast.operand, evaluation) !== ABSENT;
    case "call":
      return callFunction(
        ast.name,
        ast.args.map((arg) => evaluateAst(arg, evaluation)),
        evaluation.budget,
      );
    case "macro":
      return evaluateMacro(ast, evaluation);
  }
}

/** Of an absent target every field is absent; what is not a path must have a value. */
const evaluateTarget = (target: Ast, evaluation: Evaluation): unknown =>
  isPath(target) ? evaluateOrAbsent(target, evaluation) : evaluateAst(target, evaluation);

function lookUp(name: string, { locals, scope }: Evaluation): unknown {
  for (let local = locals; local !== undefined; local = local.outer) if (local.name === name) return local.value;
  return readField(scope, name);
}

/** Invariant 1. */
function readField(target: unknown, name: string): unknown {
  if (!isMap(target) || !Object.hasOwn(target, name)) return ABSENT;
  const value = target[name];
  return value === undefined ? ABSENT : value;
}

function readIndex(target: unknown, index: unknown): unknown {
  if (typeof index !== "number" && typeof index !== "string") return fail(`an index is a number or a text, found ${describe(index)}`);
  if (!Array.isArray(target)) return readField(target, String(index));
  return typeof index === "number" && Number.isInteger(index) && index >= 0 && index < target.length ? (target[index] ?? null) : ABSENT;
}

function evaluateKey(key: Ast, evaluation: Evaluation): string {
  const value = evaluateAst(key, evaluation);
  return typeof value === "string" ? value : fail(`the key of an object is a text, found ${describe(value)}`);
}

function evaluateBoolean(ast: Ast, operator: string, evaluation: Evaluation): boolean {
  const value = evaluateAst(ast, evaluation);
  return typeof value === "boolean" ? value : fail(`${operator} needs true or false, found ${describe(value)}`);
}

function evaluateUnary(operator: "!" | "-", value: unknown): unknown {
  if (operator === "-") return typeof value === "number" ? 0 - value : fail(`- needs a number, found ${describe(value)}`);
  return typeof value === "boolean" ? !value : fail(`! needs true or false, found ${describe(value)}`);
}

function evaluateBinary(ast: Ast & { kind: "binary" }, evaluation: Evaluation): unknown {
  const { operator, left, right } = ast;
  if (operator === "??") {
    const value = evaluateUnlessAbsent(left, evaluation);
    return value === ABSENT ? evaluateAst(right, evaluation) : value;
  }
  if (operator === "&&" || operator === "||") {
    const value = evaluateBoolean(left, operator, evaluation);
    return value === (operator === "||") ? value : evaluateBoolean(right, operator, evaluation);
  }
  return applyOperator(operator, evaluateAst(left, evaluation), evaluateAst(right, evaluation), evaluation.budget);
}

/** Absent also when something inside, such as an index or the list of a macro, leads to nothing. */
function evaluateUnlessAbsent(ast: Ast, evaluation: Evaluation): unknown {
  try {
    return evaluateOrAbsent(ast, evaluation);
  } catch (error) {
    if (error instanceof ArcrunError && error.code === "template.unresolved") return ABSENT;
    throw error;
  }
}

function evaluateMacro(macro: Macro, evaluation: Evaluation): unknown {
  const target = evaluateAst(macro.target, evaluation);
  if (!Array.isArray(target) && !isMap(target)) return fail(`${macro.name}() needs a list or an object, found ${describe(target)}`);
  const items: readonly unknown[] = Array.isArray(target) ? target : Object.keys(target);
  const local: Locals = { name: macro.variable, value: null, outer: evaluation.locals };
  const inner: Evaluation = { ...evaluation, locals: local };
  const results: unknown[] = [];
  let hits = 0;
  for (const item of items) {
    spend(evaluation.budget, 1);
    local.value = item;
    if (macro.name === "map") {
      if (macro.filter === undefined || evaluateBoolean(macro.filter, "the filter of map()", inner))
        results.push(evaluateAst(macro.body, inner));
      continue;
    }
    const isHit = evaluateBoolean(macro.body, `${macro.name}()`, inner);
    if (isHit && macro.name === "exists") return true;
    if (!isHit && macro.name === "all") return false;
    if (isHit && macro.name === "filter") results.push(item);
    if (isHit) hits += 1;
  }
  if (macro.name === "map" || macro.name === "filter") return results;
  return macro.name === "exists_one" ? hits === 1 : macro.name === "all";
}
