/** When a vertex with several incoming edges runs. An edge is open, then taken or dead, and never changes again. */
import type { Join } from "./plan.ts";

export type Arrivals = { readonly total: number; readonly taken: number; readonly dead: number };
export type JoinVerdict = "fire" | "skip" | "wait";

/** Says `skip` as soon as the rule can no longer be met, so that no join waits for a branch that will not come. */
export function judgeJoin(join: Join, { total, taken, dead }: Arrivals): JoinVerdict {
  const open = total - taken - dead;
  switch (join.kind) {
    case "settled":
      if (open > 0) return "wait";
      return taken > 0 ? "fire" : "skip";
    case "all":
      if (dead > 0) return "skip";
      return open === 0 ? "fire" : "wait";
    case "any":
      if (taken > 0) return "fire";
      return open === 0 ? "skip" : "wait";
    case "quorum":
      if (taken >= join.count) return "fire";
      return taken + open < join.count ? "skip" : "wait";
  }
}

/** The words of the documentation. */
export const JOIN_WORDS: { readonly [K in Join["kind"]]: { readonly value: string; readonly runs: string; readonly otherwise: string } } = {
  settled: { value: "settled", runs: "every incoming edge is taken or dead, and one at least was taken", otherwise: "all are dead" },
  all: { value: "all", runs: "every incoming edge was taken", otherwise: "one is dead" },
  any: { value: "any", runs: "the first incoming edge is taken; later ones are ignored", otherwise: "all are dead" },
  quorum: { value: "{ quorum: n }", runs: "n incoming edges were taken", otherwise: "fewer than n can still come" },
};
