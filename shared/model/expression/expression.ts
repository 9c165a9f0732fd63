/** Expressions: what stands between `{{` and `}}`, and in `WHEN(…)`. The language is described in the workflow reference. */
import { ArcrunError } from "../errors.ts";
import type { Ast } from "./expression-ast.ts";
import { type Budget, createBudget } from "./expression-budget.ts";
import { createParseCache } from "./expression-cache.ts";
import { evaluateAst, type Scope } from "./expression-evaluator.ts";
import type { NameOracle } from "./expression-lexer.ts";
import { describe } from "./expression-operations.ts";
import { parseSource } from "./expression-parser.ts";
import { collectPaths, type PathRead } from "./expression-paths.ts";

/** Immutable. `text` is what was parsed; the tree is nobody's business outside the `expression-` files. */
export type Expression = { readonly text: string; readonly ast: Ast };

/** The same without the cache, for those who keep the result themselves. */
export const parseExpressionWith = (text: string, isKnown: NameOracle): Expression => ({ text, ast: parseSource(text, isKnown) });

const parseCached = createParseCache(parseExpressionWith);

/**
 * Parses an expression; the results are cached.
 * `names` are all first names that have a meaning (nodes, loop variables, `input`, `run`, …). They decide whether `a-1` is a name or
 * a subtraction, so the same names must be given wherever the same text is parsed. Without them `a-1` is a name.
 * Throws `expression.invalid` with the position (from 1) and what was expected there.
 */
export function parseExpression(text: string, names?: ReadonlySet<string>): Expression {
  return parseCached(text, names);
}

/** Every free path that the expression may read. */
export const pathsOf = (expression: Expression): readonly PathRead[] => collectPaths(expression.ast, expression.text);

/**
 * The value of the expression. Looked-up values are passed by reference.
 * Throws `template.unresolved` with details `{path}` for an absent path without default, `expression.failed` for values that do not
 * fit what is done with them, `expression.too_complex` when the budget is used up.
 */
export function evaluate(expression: Expression, scope: Scope, budget: Budget = createBudget()): unknown {
  return evaluateAst(expression.ast, { text: expression.text, scope, budget });
}

/** As `evaluate`, for a condition: what is neither true nor false is `expression.failed`. */
export function evaluateCondition(expression: Expression, scope: Scope): boolean {
  const value = evaluate(expression, scope);
  if (typeof value === "boolean") return value;
  throw new ArcrunError("expression.failed", `a condition is true or false, found ${describe(value)} from ${expression.text}`);
}
