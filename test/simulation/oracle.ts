/**
 * An independent, tiny reference: given what became of some nodes, it says of every node whether it may have started, must
 * have been skipped, or is still open, and how the run ends. It shares no code with the fold and computes everything anew.
 */
import type { Plan, Vertex } from "../../shared/model/plan.ts";

/** What a node ended with by itself. A node that is absent has not ended. */
export type Ending = { readonly kind: "success"; readonly branch?: string } | { readonly kind: "fail"; readonly code: string };
export type Verdict = "open" | "started" | "skipped";
export type Judgement = {
  /** By vertex index. */
  readonly verdicts: readonly Verdict[];
  /** Edge id → followed; absent: undecided. */
  readonly followed: ReadonlyMap<number, boolean>;
};

/** Vertices are in topological order, so one pass is enough. */
export function judge(plan: Plan, endings: ReadonlyMap<string, Ending>): Judgement {
  const followed = new Map<number, boolean>();
  const verdicts = plan.vertices.map((vertex, index): Verdict => {
    const verdict = index === 0 ? "started" : verdictOf(vertex, followed);
    const ending = endings.get(vertex.key);
    for (const id of vertex.outgoing) {
      if (verdict === "skipped") followed.set(id, false);
      else if (verdict === "started" && ending !== undefined) followed.set(id, isFollowed(plan, vertex, id, ending));
    }
    return verdict;
  });
  return { verdicts, followed };
}

function verdictOf({ join, incoming }: Vertex, followed: ReadonlyMap<number, boolean>): Verdict {
  const yes = incoming.filter((id) => followed.get(id) === true).length;
  const no = incoming.filter((id) => followed.get(id) === false).length;
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

/** How a run ends in which every started node has ended. */
export function statusAtEnd(plan: Plan, endings: ReadonlyMap<string, Ending>): "succeeded" | "failed" | "unfinished" {
  const { verdicts, followed } = judge(plan, endings);
  let isFailed = false;
  for (const [index, vertex] of plan.vertices.entries()) {
    const ending = endings.get(vertex.key);
    if (verdicts[index] === "open" || (verdicts[index] === "started" && ending === undefined)) return "unfinished";
    if (ending?.kind !== "fail" || verdicts[index] !== "started") continue;
    isFailed ||= !vertex.outgoing.some((id) => plan.edges[id]?.relation.kind === "fail" && followed.get(id) === true);
  }
  return isFailed ? "failed" : "succeeded";
}
