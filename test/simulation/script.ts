/** What each node of a simulated run does: fixed beforehand, so that two executions of one attempt do the same. */
import { takenOnSuccess } from "../../shared/model/edges.ts";
import type { Value } from "../../shared/model/log.ts";
import type { Plan } from "../../shared/model/plan.ts";
import type { Assignment, ItemList, Outcome } from "../../shared/run-api.ts";
import type { Prng } from "./prng.ts";
import type { Ending } from "./oracle.ts";

/** A pause: until somebody answers, until a time comes, or whichever is first. */
export type Pause = "answer" | "timer" | "either";
/**
 * A call in the middle of a part: an effect in the world, the address of the next callback (somebody is told it), a sleep, a wait for a
 * callback, a run that it starts and waits for.
 */
export type PartCall = "effect" | "address" | "sleep" | "callback" | "run";
/** Runs that a node waits for, after its pauses. `slot` tells the calls of a part apart. */
export type AwaitScript = {
  readonly runs: number;
  readonly wanted: number;
  readonly stopsAtFailure: boolean;
  readonly isOwner: boolean;
  readonly slot: number;
};
export const awaitOfCall = (slot: number): AwaitScript => ({ runs: 1, wanted: 1, stopsAtFailure: false, isOwner: true, slot });
export type NodeScript = {
  readonly ending: Ending;
  /** Made before the ending, in this order. A node has calls or pauses. */
  readonly calls?: readonly PartCall[];
  readonly pauses: readonly Pause[];
  /** How many items each of its lists has. */
  readonly list?: number;
  readonly awaits?: AwaitScript;
  /** Attempts that fail first, retryably. */ readonly failures: number;
};
/** By vertex key; `key#0` to `key#2` for the items of a loop, in turn. */
export type Script = ReadonlyMap<string, NodeScript>;

export const VARIANTS = 3;
const PLAIN: NodeScript = { ending: { kind: "success" }, pauses: [], failures: 0 };

/** What the step does. */
export function scriptOf(script: Script, step: string): NodeScript {
  const vertex = step.split("[", 1)[0] ?? step;
  const sum = [...step.matchAll(/\[(\d+)\]/g)].reduce((total, [, index]) => total + Number(index), 0);
  return script.get(`${vertex}#${sum % VARIANTS}`) ?? script.get(vertex) ?? PLAIN;
}

export const listOf = (script: Script, step: string): number => scriptOf(script, step).list ?? 0;
export const itemOf = (step: string, index: number): Value => ({ json: JSON.stringify([step, index]) });

export const FLAKY = "egress.failed";
export const TIMER_MS = 30_000;

export function outcomeOf(assignment: Assignment, script: Script, now: number): Outcome {
  const { step, generation, attempt, lease } = assignment;
  return {
    step,
    generation,
    attempt,
    lease,
    startedAt: now,
    fuel: 1,
    input: { json: '{"in":1}' },
    result: resultOf(assignment, script, now),
  };
}

function resultOf(assignment: Assignment, script: Script, now: number): Outcome["result"] {
  const { ending, pauses, failures } = scriptOf(script, assignment.step);
  const pause = pauses[assignment.pauses];
  if (pause !== undefined) {
    return {
      kind: "paused",
      // A person answers like a daemon.
      reason: pause === "timer" ? "timer" : assignment.pauses % 2 === 1 ? "approval" : "callback",
      taskId: `task-${assignment.step}-${assignment.pauses}`,
      ...(pause === "answer" ? {} : { dueAt: now + TIMER_MS }),
    };
  }
  if (assignment.attempt <= failures && isUnlucky(assignment))
    return { kind: "failed", error: { code: FLAKY, message: "try again", retryable: true } };
  if (ending.kind === "fail") return { kind: "failed", error: { code: ending.code, message: "for good", retryable: false } };
  const taken = takenOnSuccess(assignment.edges, ending.branch, () => ({ scope: {}, names: new Set() }));
  // Of each execution its own: who goes on with one goes on with no other.
  const output = { json: JSON.stringify({ success: true, branch: ending.branch ?? null, by: assignment.lease }) };
  return { kind: "succeeded", output, taken: taken.taken, ...listsOf(assignment, script) };
}

function listsOf({ edges, step }: Pick<Assignment, "edges" | "step">, script: Script): { readonly lists?: readonly ItemList[] } {
  const loops = new Set(edges.flatMap(({ relation }) => (relation.kind === "foreach" ? [relation.loop] : [])));
  const items = Array.from({ length: listOf(script, step) }, (_, index) => itemOf(step, index));
  return loops.size === 0 ? {} : { lists: [...loops].map((loop) => ({ loop, items })) };
}

/** The lists of the loops that the start opens. */
export const listsOfStart = (plan: Plan, script: Script): readonly ItemList[] =>
  listsOf({ edges: plan.edges.filter(({ from }) => from === 0), step: "input" }, script).lists ?? [];

export const callsOf = (script: Script, step: string): readonly PartCall[] => scriptOf(script, step).calls ?? [];

/** What the node waits for once its scripted pauses are over. */
export function awaitsOf(script: Script, { step, pauses: done }: Assignment): AwaitScript | undefined {
  const { pauses, awaits } = scriptOf(script, step);
  return pauses[done] === undefined ? awaits : undefined;
}

/** What a call gives that is answered at once. */
export const resultOfCall = ({ step, generation, attempt }: Assignment, index: number): Value => ({
  json: JSON.stringify({ step, generation, attempt, index }),
});

/** A call that takes its time: what the step pauses for. */
export function pauseOfCall(call: "sleep" | "callback", results: readonly Value[], waitMs: number, now: number): Outcome["result"] {
  const ms = call === "sleep" ? TIMER_MS : waitMs;
  return { kind: "paused", reason: call === "sleep" ? "timer" : "callback", isCall: true, waitMs: ms, dueAt: now + ms, results };
}

/** What fails retryably does so by chance: another execution of the same attempt may succeed. */
// Five: what is drawn has few low bits.
const isUnlucky = ({ lease }: Assignment): boolean => lease % 5 !== 0;

/** How the node may end if nothing but its own script decides; the budget of attempts may be over first. */
export function scriptedEndings(script: Script, step: string, attempts: number): readonly Ending[] {
  const { ending, failures } = scriptOf(script, step);
  return failures >= attempts ? [ending, { kind: "fail", code: FLAKY }] : [ending];
}

type Playing = { readonly key: string; readonly mayPause: boolean; readonly list?: number };

export function randomScript(random: Prng, vertices: readonly Playing[]): Script {
  return new Map(
    vertices.map(({ key, mayPause, ...more }) => {
      const ending: Ending = random.chance(0.7)
        ? { kind: "success", ...(random.chance(0.6) ? { branch: random.pick(["true", "false"]) } : {}) }
        : { kind: "fail", code: random.pick(["paper.jam", "part.failed"]) };
      const pauses = mayPause
        ? Array.from({ length: random.int(1, 2) }, () => random.pick<Pause>(["answer", "answer", "timer", "either"]))
        : [];
      const failures = random.chance(0.3) ? random.int(1, 3) : 0;
      if (!random.chance(0.3)) return [key, { ending, failures, ...(mayPause ? randomWaits(random, pauses) : { pauses }), ...more }];
      const kinds: readonly PartCall[] = mayPause ? ["effect", "effect", "address", "sleep", "callback", "run"] : ["effect"];
      const calls = Array.from({ length: random.int(1, 4) }, () => random.pick(kinds));
      return [key, { ending, pauses: [], failures, calls, ...more }];
    }),
  );
}

function randomWaits(random: Prng, pauses: readonly Pause[]): Pick<NodeScript, "pauses" | "awaits"> {
  if (!random.chance(0.5)) return { pauses };
  const runs = random.int(1, 4);
  const awaits = { runs, wanted: random.int(1, runs), stopsAtFailure: random.chance(0.5), isOwner: random.chance(0.5), slot: 0 };
  return { pauses: random.chance(0.5) ? [] : pauses, awaits };
}
