/** What a node sees across loops: the items of the loops around it, and whether another node stands beside it or in a loop that has ended. */
import { groupBy } from "../group-by.ts";
import type { Place, PlacedFlow } from "./place-nodes.ts";

/** `beside`: in the same loops, or in fewer. `gathered`: in one loop more, which has ended. `deeper`: in several more. */
export type Nearness = "beside" | "gathered" | "deeper";

export type LoopSight = {
  /** Outermost first. */
  variables(place: Place): readonly string[];
  /** The variables that a node sees, wherever it stands. */
  variablesOf(node: string): ReadonlySet<string>;
  /** How near the node is, from the place of the viewer that is nearest to it. */
  nearness(name: string, viewer: string): Nearness;
  /** The key of the vertex that is meant by the name of an upstream node, if it can be read from here. */
  keysFrom(place: Place, name: string, onlyGathered: boolean): readonly string[];
};

export function createLoopSight({ places, loops, edges }: PlacedFlow): LoopSight {
  const byNode = groupBy(places, ({ node }) => node);
  const placesOf = (node: string): readonly Place[] => byNode.get(node) ?? [];
  const gathered = new Set(edges.flatMap(({ edge, from }) => (edge.relation?.kind === "gather" ? [places[from]?.key] : [])));
  const variables = ({ loops: around }: Place): readonly string[] => around.flatMap((id) => loops[id]?.relation.variable ?? []);
  return {
    variables,
    variablesOf: (node) => new Set(placesOf(node).flatMap(variables)),
    nearness: (name, viewer) =>
      nearnessOf(Math.min(...placesOf(viewer).flatMap((from) => placesOf(name).map((place) => depthBetween(place, from))))),
    keysFrom(place, name, onlyGathered) {
      const [nearest] = placesOf(name).toSorted(
        (one, other) => depthBetween(one, place) - depthBetween(other, place) || other.loops.length - one.loops.length,
      );
      if (nearest === undefined) return [];
      const nearness = nearnessOf(depthBetween(nearest, place));
      return nearness === "beside" || (nearness === "gathered" && (!onlyGathered || gathered.has(nearest.key))) ? [nearest.key] : [];
    },
  };
}

const nearnessOf = (depth: number): Nearness => (depth === 0 ? "beside" : depth === 1 ? "gathered" : "deeper");

/** Loops around `place` that are not around the viewer. */
function depthBetween(place: Place, viewer: Place): number {
  let common = 0;
  while (common < place.loops.length && place.loops[common] === viewer.loops[common]) common += 1;
  return place.loops.length - common;
}
