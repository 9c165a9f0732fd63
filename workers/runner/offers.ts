/**
 * Assignments that came with a settlement, kept until their messages arrive: these need no claim. Only a runner whose messages come
 * back to itself keeps any (on one machine there is but one). A lost or stale offer costs a claim or a refused outcome, nothing else.
 */
import type { StepHint } from "../../shared/message.ts";
import type { Assignment } from "../../shared/run-api.ts";

export type Offers = {
  /** How many to ask for with a settlement. One is always worth while: whoever settles may go on with it himself (`settle-batch.ts`). */
  readonly most: number;
  keep(assignments: readonly Assignment[]): void;
  /** Each offer is taken once. */
  take(hint: StepHint): Assignment | undefined;
};

export const NO_OFFERS: Offers = { most: 1, keep: () => undefined, take: () => undefined };

/** After this the run object hints the step anew, and somebody else may have claimed it. */
const KEPT_MS = 5000;
const MAX_KEPT = 1000;
/** They travel with one settlement. */
const MAX_OFFERS = 100;

export function createOffers(now: () => number): Offers {
  const kept = new Map<string, { readonly assignment: Assignment; readonly until: number }>();
  return {
    most: MAX_OFFERS,
    keep(assignments) {
      for (const assignment of assignments) {
        const oldest = kept.keys().next();
        if (kept.size >= MAX_KEPT && !oldest.done) kept.delete(oldest.value);
        const { run, step } = assignment;
        kept.set(keyOf(run.tenant, run.id, step), { assignment, until: now() + KEPT_MS });
      }
    },
    take({ tenant, run, step }) {
      const key = keyOf(tenant, run, step);
      const found = kept.get(key);
      kept.delete(key);
      return found !== undefined && found.until > now() ? found.assignment : undefined;
    },
  };
}

const keyOf = (tenant: string, run: string, step: string): string => `${tenant} ${run} ${step}`;
