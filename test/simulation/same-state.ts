/** Compares two states of one run: what memory says and what the log says. */

import type { LoopRun, RunState } from "../../shared/model/run-state.ts";

/** Undefined: the two states say the same. Field by field, for speed. */
export function differenceOf(one: RunState, other: RunState): string | undefined {
  if (one.seq !== other.seq || one.generation !== other.generation || one.resumedAt !== other.resumedAt || !isSame(one.ended, other.ended))
    return "the run";
  if (one.steps.size !== other.steps.size || one.live.size !== other.live.size || !isSame([...one.answers], [...other.answers]))
    return "the number of steps or answers";
  if (hasKin(one) !== hasKin(other) || (hasKin(one) && !isSame(kinOf(one), kinOf(other)))) return "what it has to do with other runs";
  for (const [key, step] of one.steps) {
    const twin = other.steps.get(key);
    if (twin === undefined || one.live.has(step) !== other.live.has(twin)) return key;
    for (const field of STEP_FIELDS) if (!isSame(step[field], twin[field])) return `${key}.${field}`;
  }
  if (one.loops.size !== other.loops.size) return "the number of loops";
  for (const [key, run] of one.loops) {
    const twin = other.loops.get(key);
    if (twin === undefined || !isSame(passOf(run), passOf(twin))) return `loop ${key}`;
  }
  return undefined;
}

const passOf = ({ count, next, again, open, failed, isEnded }: LoopRun): unknown => [
  count,
  next,
  again,
  [...open].toSorted(([a], [b]) => a - b),
  [...failed].map(([index, { key }]) => [index, key]),
  isEnded,
];
const hasKin = ({ kin: { life, watchers, ends, orphans } }: RunState) => life + watchers.size + ends.size + orphans.size > 0;
const kinOf = ({ kin: { life, watchers, ends, orphans } }: RunState) => [
  life,
  [...watchers],
  [...ends].map(([place, runs]) => [place, [...runs]]),
  [...orphans],
];
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
  "queued",
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
