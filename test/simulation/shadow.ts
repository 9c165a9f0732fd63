/** The state of a run folded once more, row by row; every step goes only where the table of transitions lets it. */
import { apply } from "../../shared/model/fold.ts";
import type { LogRow } from "../../shared/model/log.ts";
import { STEP_TRANSITIONS, type StepStatus } from "../../shared/model/run.ts";
import type { RunState } from "../../shared/model/run-state.ts";
import { fail } from "./violation.ts";

export function shadowed(shadow: RunState | undefined, row: LogRow, transitions: Set<string>): RunState {
  const before = new Map<string, { readonly status: StepStatus; readonly generation: number }>();
  for (const { key, status, generation } of shadow?.steps.values() ?? []) before.set(key, { status, generation });
  const next = apply(shadow, row);
  next.readied = [];
  for (const { key, status, generation } of next.steps.values()) {
    const old = before.get(key);
    if (old === undefined || old.status === status || old.generation !== generation) continue;
    if (!STEP_TRANSITIONS[old.status].includes(status)) fail("I5", `${key} went from ${old.status} to ${status}`);
    transitions.add(`${old.status}>${status}`);
  }
  return next;
}
