/** The limits that a writer of workflows meets. */
import { markdownTable } from "./markdown-table.ts";
import { durationText } from "./model/duration.ts";
import * as limits from "./model/limits.ts";

const bytes = (count: number): string => (count % limits.KIB === 0 ? `${count / limits.MIB} MiB` : `${count / 1_000_000} MB`);

const LIMITS: readonly (readonly [what: string, most: number | string])[] = [
  ["A definition", bytes(limits.MAX_DEFINITION_BYTES)],
  ["A workflow, compiled", bytes(limits.MAX_PLAN_BYTES)],
  ["Nodes", limits.MAX_NODES],
  ["Lines", limits.MAX_EDGES],
  ["The body of a request", bytes(limits.MAX_BODY_BYTES)],
  ["What a node gives", bytes(limits.MAX_OUTPUT_BYTES)],
  ["Lists and maps in each other", limits.MAX_JSON_DEPTH],
  ["Items of a loop", limits.MAX_ITEMS],
  ["Loops in each other", limits.MAX_LOOP_DEPTH],
  ["What a `GATHER` gives", bytes(limits.MAX_GATHERED_BYTES)],
  ["Steps of a run", limits.MAX_STEPS_PER_RUN],
  ["Attempts", limits.MAX_ATTEMPTS],
  ["One attempt of a node that calls out", durationText(limits.MAX_TIMEOUT_MS)],
  ["A wait, a delay, the time of a run", durationText(limits.MAX_WAIT_MS)],
  ["Runs that started each other", limits.MAX_CHILD_DEPTH],
  ["Calls of a part in one attempt", limits.MAX_CALLS_PER_ATTEMPT],
  ["How long a caller may wait for a run", `${limits.MAX_HTTP_WAIT_SECONDS} s`],
];

export const limitsTable = (): string =>
  markdownTable(
    ["of", "at most"],
    LIMITS.map(([what, most]) => [what, typeof most === "number" ? most.toLocaleString("en") : most]),
  );
