/**
 * An independent, tiny reference: given what became of some steps and which items of loops have begun, it says of every step whether it
 * may have started, must have been skipped, or is still open, and how the run ends. It shares no code with the fold and computes
 * everything anew.
 */
import type { Loop, Plan, Vertex } from "../../shared/model/plan.ts";

/** What a step ended with by itself. A step that is absent has not ended. */
export type Ending = { readonly kind: "success"; readonly branch?: string } | { readonly kind: "fail"; readonly code: string };
export type Verdict = "open" | "started" | "skipped";

/** What the oracle is told of a pass of a loop: the rest follows. */
export type PassFacts = { readonly count: number; readonly begun: readonly number[]; readonly queued: number };
export type Facts = (loop: number, item: readonly number[]) => PassFacts | undefined;

export type PassVerdict = {
  readonly state: "dead" | "open" | "over";
  /** Items that have begun and in which something is left. */
  readonly incomplete: readonly number[];
  /** With a failure that nothing in them handled. */
  readonly failed: ReadonlySet<number>;
  readonly isStopped: boolean;
  /** It should have been opened. */
  readonly isMissing: boolean;
};

export type Judgement = {
  /** By step key: of everything outside of loops, and in items that have begun. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** By `loop[item]`. */
  readonly passes: ReadonlyMap<string, PassVerdict>;
  /** Undefined: not decided. */
  readonly followed: (edge: number, item: readonly number[]) => boolean | undefined;
  readonly status: "succeeded" | "failed" | "unfinished";
};

const NO_LOOPS: Facts = () => undefined;
export const passKey = (loop: number, item: readonly number[]): string => `${loop}[${item.join()}]`;
export const keyOf = (vertex: Vertex, item: readonly number[]): string => vertex.key + item.map((index) => `[${index}]`).join("");

export function judge(plan: Plan, endings: ReadonlyMap<string, Ending>, facts: Facts = NO_LOOPS): Judgement {
  const verdicts = new Map<string, Verdict>();
  const passes = new Map<string, PassVerdict>();
  const vertexAt = (index: number): Vertex => plan.vertices[index] ?? missing();
  const loopAt = (index: number): Loop => plan.loops?.[index] ?? missing();

  const followed = (id: number, item: readonly number[]): boolean | undefined => {
    const { relation, from, after } = plan.edges[id] ?? missing();
    if (relation.kind === "foreach") return true; // asked only in items that have begun
    if (relation.kind === "gather") return { dead: false, open: undefined, over: true }[passOf(relation.loop, item).state];
    const key = keyOf(vertexAt(from), item);
    if (verdicts.get(key) === "skipped") return false;
    const ending = verdicts.get(key) === "started" ? endings.get(key) : undefined;
    if (ending === undefined) return undefined;
    if (!isFollowed(plan, vertexAt(from), id, ending)) return false;
    return after === undefined || ending.kind === "fail" || passOf(after, item).state === "over" ? true : undefined;
  };

  const judgeAll = (indices: readonly number[], item: readonly number[]): void => {
    for (const index of indices) {
      const { join, incoming } = vertexAt(index);
      const verdict =
        index === 0
          ? "started"
          : verdictOf(
              join,
              incoming.map((id) => followed(id, item)),
            );
      verdicts.set(keyOf(vertexAt(index), item), verdict);
    }
  };

  const passOf = (id: number, item: readonly number[]): PassVerdict => {
    const known = passes.get(passKey(id, item));
    if (known !== undefined) return known;
    const found = judgePass(id, item);
    passes.set(passKey(id, item), found);
    return found;
  };

  const judgePass = (id: number, item: readonly number[]): PassVerdict => {
    const loop = loopAt(id);
    const nothing = { incomplete: [], failed: new Set<number>(), isStopped: false, isMissing: false };
    const opener = keyOf(vertexAt(loop.opener), item);
    const ending = verdicts.get(opener) === "started" ? endings.get(opener) : undefined;
    if (verdicts.get(opener) === "skipped" || ending?.kind === "fail") return { ...nothing, state: "dead" };
    const before = plan.edges.find(({ relation }) => relation.kind === "foreach" && relation.loop === id)?.after;
    if (ending === undefined || (before !== undefined && passOf(before, item).state !== "over")) return { ...nothing, state: "open" };
    const told = facts(id, item);
    if (told === undefined) return { ...nothing, state: "open", isMissing: true };
    for (const index of told.begun) {
      judgeAll(loop.body, [...item, index]);
      for (const inner of loop.inner) passOf(inner, [...item, index]);
    }
    const incomplete = told.begun.filter((index) => !isComplete(loop.body, loop.inner, [...item, index]));
    const failed = new Set(told.begun.filter((index) => hasFailed(loop.body, loop.inner, [...item, index])));
    const isStopped = loop.onItemFailure === "stop" && failed.size > tolerated(loop, told.count);
    const isOver = incomplete.length === 0 && told.queued === 0 && (told.begun.length === told.count || isStopped);
    return { state: isOver ? "over" : "open", incomplete, failed, isStopped, isMissing: false };
  };

  const isComplete = (body: readonly number[], inner: readonly number[], item: readonly number[]): boolean =>
    body.every((index) => {
      const key = keyOf(vertexAt(index), item);
      return verdicts.get(key) === "skipped" || (verdicts.get(key) === "started" && endings.has(key));
    }) && inner.every((id) => passOf(id, item).state !== "open");

  const hasFailed = (body: readonly number[], inner: readonly number[], item: readonly number[]): boolean =>
    body.some((index) => isUncaught(vertexAt(index), item)) ||
    inner.some((id) => {
      const { state, failed } = passOf(id, item);
      return state === "over" && loopAt(id).gathers.length === 0 && failed.size > tolerated(loopAt(id), facts(id, item)?.count ?? 0);
    });

  const isUncaught = (vertex: Vertex, item: readonly number[]): boolean => {
    const key = keyOf(vertex, item);
    if (verdicts.get(key) !== "started" || endings.get(key)?.kind !== "fail") return false;
    return !vertex.outgoing.some((id) => plan.edges[id]?.relation.kind === "fail" && followed(id, item) === true);
  };

  const outside = plan.vertices.flatMap(({ loops }, index) => (loops.length === 0 ? [index] : []));
  const outermost = (plan.loops ?? []).flatMap(({ opener }, id) => (vertexAt(opener).loops.length === 0 ? [id] : []));
  judgeAll(outside, []);
  for (const id of outermost) passOf(id, []);
  const isDone = isComplete(outside, outermost, []);
  const status = isDone ? (hasFailed(outside, outermost, []) ? "failed" : "succeeded") : "unfinished";
  return { verdicts, passes, followed, status };
}

function missing(): never {
  throw new Error("the plan names what it does not hold");
}

const tolerated = ({ tolerate }: Loop, count: number): number =>
  typeof tolerate === "number" ? tolerate : Math.floor((count * tolerate.percent) / 100);

function verdictOf(join: Vertex["join"], incoming: readonly (boolean | undefined)[]): Verdict {
  const yes = incoming.filter((edge) => edge === true).length;
  const no = incoming.filter((edge) => edge === false).length;
  const isDecided = yes + no === incoming.length;
  const needed = { settled: 1, all: incoming.length, any: 1, quorum: join.kind === "quorum" ? join.count : 0 }[join.kind];
  if (join.kind === "settled" && !isDecided) return "open";
  if (yes >= needed) return "started";
  return incoming.length - no < needed ? "skipped" : "open";
}

function isFollowed(plan: Plan, vertex: Vertex, id: number, ending: Ending): boolean {
  const relation = plan.edges[id]?.relation;
  if (relation === undefined || relation.kind === "when") throw new Error("the oracle knows no such edge");
  if (relation.kind === "pipe") return true;
  if (ending.kind === "success") return relation.kind === "success" || (relation.kind === "branch" && relation.branch === ending.branch);
  if (relation.kind !== "fail") return false;
  const codes = vertex.outgoing.flatMap((other) => {
    const sibling = plan.edges[other]?.relation;
    return sibling?.kind === "fail" && sibling.code !== undefined ? [sibling.code] : [];
  });
  return relation.code === undefined ? !codes.includes(ending.code) : relation.code === ending.code;
}
