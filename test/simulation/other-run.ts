import type { Watcher } from "../../shared/model/log.ts";
import type { StepRef } from "../../shared/errand.ts";

/** A run that steps of the simulated one wait for. */
export type OtherRun = {
  readonly id: string;
  readonly owner: StepRef | undefined;
  readonly watchers: Map<string, StepRef>;
  life: number;
  status: "running" | "succeeded" | "failed" | "cancelled";
};

/** A step elsewhere that waits for the simulated run; `awaits`: the life of it whose end it must be told of. */
export type Waiter = { readonly watcher: Watcher; awaits: number | undefined };
