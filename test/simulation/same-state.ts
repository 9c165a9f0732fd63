/** Compares two states of one run: what memory says and what the log says. */
import type { RunState } from "../../shared/model/run-state.ts";

/** Undefined: the two states say the same. Field by field, for speed. */
export function differenceOf(one: RunState, other: RunState): string | undefined {
  if (one.seq !== other.seq || one.generation !== other.generation || one.resumedAt !== other.resumedAt || !isSame(one.ended, other.ended))
    return "the run";
  if (one.steps.size !== other.steps.size || one.live.size !== other.live.size || !isSame([...one.answers], [...other.answers]))
    return "the number of steps or answers";
  for (const [key, step] of one.steps) {
    const twin = other.steps.get(key);
    if (twin === undefined || one.live.has(step) !== other.live.has(twin)) return key;
    for (const field of STEP_FIELDS) if (!isSame(step[field], twin[field])) return `${key}.${field}`;
  }
  for (const [key, { taken, dead }] of one.incoming) {
    const twin = other.incoming.get(key);
    if (!isSame([...taken], [...(twin?.taken ?? [])]) || !isSame([...dead], [...(twin?.dead ?? [])])) return `edges to ${key}`;
  }
  return undefined;
}

const isSame = (one: unknown, other: unknown): boolean => one === other || JSON.stringify(one) === JSON.stringify(other);
const STEP_FIELDS = [
  "generation",
  "status",
  "attempt",
  "readyAt",
  "dueAt",
  "lease",
  "leases",
  "crashSuspect",
  "wait",
  "waits",
  "pauses",
  "exchangeSeqs",
  "isMidway",
  "pausedAt",
  "taskId",
  "startedAt",
  "endedAt",
  "inputSeq",
  "outputSeq",
  "error",
  "fuel",
  "taken",
] as const;
