import { ArcrunError } from "../errors.ts";

export const DEFAULT_BUDGET_STEPS = 1_000_000;
/** So many UTF-16 units of text read or written cost as much as one step. */
const CHARS_PER_STEP = 64;

/** What is left to be spent; shared by all expressions that are evaluated for one purpose. */
export type Budget = { stepsLeft: number };

export const createBudget = (steps = DEFAULT_BUDGET_STEPS): Budget => ({ stepsLeft: steps });

/** Throws `expression.too_complex` when more is spent than was given. */
export function spend(budget: Budget, steps: number): void {
  budget.stepsLeft -= steps;
  if (budget.stepsLeft < 0) throw new ArcrunError("expression.too_complex", "the expression takes too many steps");
}

export const spendOnText = (budget: Budget, chars: number): void => spend(budget, Math.floor(chars / CHARS_PER_STEP));
export const textThatFits = (budget: Budget): number => (Math.max(0, budget.stepsLeft) + 1) * CHARS_PER_STEP;
