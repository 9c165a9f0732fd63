/** What the callback Worker works with. */
import type { FailureBudget } from "../../shared/failure-budget.ts";
import type { Ids } from "../../shared/ids.ts";
import type { Hints, Keys, Payloads, Runs } from "../../shared/ports.ts";
import type { RunTeller } from "../../shared/run-teller.ts";

export type CallbackDeps = {
  readonly ids: Ids;
  readonly keys: Keys;
  readonly failures: FailureBudget;
  readonly runs: Runs;
  readonly payloads: Payloads;
  readonly hints: Hints;
  readonly teller: RunTeller;
  newRequestId(): string;
};
