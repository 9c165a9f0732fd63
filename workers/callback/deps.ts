/** What the callback Worker works with. */
import type { Ids } from "../../shared/ids.ts";
import type { Hints, Keys, Payloads, RunIndex, Runs } from "../../shared/ports.ts";

export type CallbackDeps = {
  readonly ids: Ids;
  readonly keys: Keys;
  readonly runs: Runs;
  readonly payloads: Payloads;
  readonly hints: Hints;
  readonly index: Pick<RunIndex, "upsert">;
  newRequestId(): string;
};
