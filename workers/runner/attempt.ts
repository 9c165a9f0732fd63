/** The words between the step, the parts and the engine's own components: one attempt, and what came of it. */
import type { ErrorInfo } from "../../shared/model/errors.ts";
import type { Value } from "../../shared/model/log.ts";
import type { Scope } from "../../shared/model/scope.ts";
import type { Assignment, Outcome } from "../../shared/run-api.ts";

/** What is known of an attempt before it ends. `hasBegun`: a call was made that may have been noticed. */
export type Draft = { input?: Value; fuel: number; hasBegun: boolean };

/** What an attempt works on. `params` is what the node is given: kept in the trace as its input. */
export type Attempt = {
  readonly draft: Draft;
  readonly assignment: Assignment;
  readonly scope: Scope;
  readonly params: unknown;
  readonly context: () => Scope;
  /** Set for what may pause. */
  readonly callbackUrl: string | undefined;
  readonly startedAt: number;
  readonly deadline: number;
  /** The number of the part's first call, which its key is made of: each poll is a request of its own. */
  readonly firstCall: number;
};

/** What came of it: a whole answer, or a pause. */
export type Performed =
  | { readonly kind: "answered"; readonly output: unknown; readonly childRuns?: readonly string[]; readonly fuel: number }
  | { readonly kind: "failed"; readonly error: ErrorInfo; readonly output?: unknown; readonly fuel: number }
  | ((Paused | Extract<Outcome["result"], { readonly kind: "yielded" | "released" }>) & { readonly fuel: number });

export type Paused = Extract<Outcome["result"], { readonly kind: "paused" }>;
