/** Passes of loops: what the items in flight and the failures so far mean for the loop. */
import type { ListCount } from "./log.ts";
import type { LoopRun, Step } from "./run-state.ts";

/** One loop has one pass for each step that opens it. */
export const loopKey = (id: number, item: readonly number[]): string => `${id}[${item.join()}]`;

export const isGathered = ({ loop }: LoopRun): boolean => loop.gathers.length > 0;

function toleratedOf({ loop: { tolerate }, count }: LoopRun): number {
  return typeof tolerate === "number" ? tolerate : Math.floor((tolerate.percent * count) / 100);
}

const isTooMuch = (run: LoopRun): boolean => run.failed.size > toleratedOf(run);

/** No item is begun any more. */
export const isStopped = (run: LoopRun): boolean => run.loop.onItemFailure === "stop" && isTooMuch(run);

/** A failure that reaches a GATHER is handled by it. */
export const isLoopFailed = (run: LoopRun): boolean => !isGathered(run) && isTooMuch(run);

/** The failure that the loop is blamed for: the first in the order of the log. */
export function firstFailure({ failed }: LoopRun): Step | undefined {
  let first: Step | undefined;
  for (const step of failed.values()) if (first === undefined || (step.outputSeq ?? 0) < (first.outputSeq ?? 0)) first = step;
  return first;
}

/** The lists of a step as its end tells of them; their rows follow. */
export const listedItems = (lists: readonly ListCount[] | undefined): Step["lists"] =>
  lists && new Map(lists.map(({ loop, count }) => [loop, { count, chunks: [] }]));
