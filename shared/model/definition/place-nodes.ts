/**
 * Where each node stands: FOREACH opens a loop, GATHER leaves the innermost one, every other edge stays. A node that is reached with
 * two stacks of loops stands in two places, and runs in both.
 */
import type { FlowGraph, GraphEdge } from "./flow-graph.ts";
import { groupBy } from "../group-by.ts";
import { type Issues, shown } from "./issues.ts";
import { MAX_LOOP_DEPTH, MAX_VERTEX_KEY_CHARS, MAX_VERTICES } from "../limits.ts";
import type { Foreach } from "./workflow.ts";

/** One vertex of the plan to be. `loops`: indices in `PlacedFlow.loops`, outermost first. */
export type Place = { readonly key: string; readonly node: string; readonly loops: readonly number[] };

export type PlacedLoop = {
  /** Index in `PlacedFlow.places`. */
  readonly opener: number;
  readonly relation: Foreach;
  readonly name: string;
};

export type PlacedFlow = {
  /** In topological order. */
  readonly places: readonly Place[];
  readonly loops: readonly PlacedLoop[];
  /** In the order of the flow's lines; `loop` is the one that a FOREACH opens or a GATHER leaves. */
  readonly edges: readonly PlacedEdge[];
};

export type PlacedEdge = { readonly from: number; readonly to: number; readonly edge: GraphEdge; readonly loop?: number };

type Spot = Omit<Place, "key">;

type Draft = {
  readonly places: Spot[];
  readonly loops: PlacedLoop[];
  readonly edges: (Omit<PlacedEdge, "to"> & { readonly loopsOfTo: readonly number[] })[];
  readonly stacks: Map<string, (readonly number[])[]>;
  readonly issues: Issues;
  /** There is a line whose relation could not be read; that has been said. */
  readonly hasUnread: boolean;
  tooLarge: boolean;
};

/** Undefined after saying why the loops make no sense, or if the flow is broken anyway. */
export function placeNodes(graph: FlowGraph, issues: Issues): PlacedFlow | undefined {
  const { order, edges: all } = graph;
  const [first] = order ?? [];
  if (order === undefined || first === undefined) return undefined;
  const hasUnread = all.some(({ relation }) => relation === undefined);
  const draft: Draft = { places: [], loops: [], edges: [], stacks: new Map([[first, [[]]]]), issues, hasUnread, tooLarge: false };
  const outgoing = groupBy(all, ({ from }) => from);
  for (const node of order) for (const loops of draft.stacks.get(node) ?? []) place({ node, loops }, outgoing.get(node) ?? [], draft);
  if (draft.tooLarge) return undefined;
  const lineOf = new Map(all.map((edge, line) => [edge, line]));
  const indexOf = new Map(draft.places.map((found, index) => [spotKey(found), index]));
  const edges = draft.edges
    .toSorted((one, other) => (lineOf.get(one.edge) ?? 0) - (lineOf.get(other.edge) ?? 0))
    .flatMap(({ loopsOfTo, ...edge }): readonly PlacedEdge[] => {
      const to = indexOf.get(spotKey({ node: edge.edge.to, loops: loopsOfTo }));
      return to === undefined ? [] : [{ ...edge, to }];
    });
  const places = draft.places.map((spot) => ({ ...spot, key: keyOf(spot, draft) }));
  return areShort(places, issues) ? { places, loops: draft.loops, edges } : undefined;
}

/** A message names its step, so no name may be longer than a message takes. */
function areShort(places: readonly Place[], issues: Issues): boolean {
  const long = places.filter(({ key }) => key.length > MAX_VERTEX_KEY_CHARS);
  for (const { node, key } of long)
    issues.error(
      "/flow",
      "flow.names_too_long",
      `${shown(node)} stands in several loops, and its name with those of the nodes and variables that open them has ${key.length} characters; at most ${MAX_VERTEX_KEY_CHARS}`,
    );
  return long.length === 0;
}

/** A node that stands in one place is called by its name; else by its loop, too. */
function keyOf({ node, loops }: Spot, draft: Draft): string {
  const loop = draft.loops[loops.at(-1) ?? -1];
  return loop === undefined || draft.stacks.get(node)?.length === 1 ? node : `${node}@${loop.name}`;
}

const spotKey = ({ node, loops }: Spot): string => JSON.stringify([node, loops]);

function place(here: Spot, outgoing: readonly GraphEdge[], draft: Draft): void {
  if (draft.places.length >= MAX_VERTICES) {
    if (!draft.tooLarge)
      draft.issues.error("/flow", "flow.too_many_places", `the nodes stand in more than ${MAX_VERTICES} places, in and outside of loops`);
    draft.tooLarge = true;
    return;
  }
  const from = draft.places.push(here) - 1;
  for (const edge of outgoing) {
    const { relation } = edge; // one that could not be read still leads somewhere
    if (relation?.kind === "foreach") enterLoop(here, from, edge, relation, draft);
    else if (relation?.kind === "gather") leaveLoop(here, from, edge, draft);
    else lead({ from, edge, loopsOfTo: here.loops }, draft);
  }
}

function lead(edge: Draft["edges"][number], { edges, stacks }: Draft): void {
  edges.push(edge);
  const known = stacks.get(edge.edge.to) ?? [];
  stacks.set(edge.edge.to, known);
  if (!known.some((loops) => loops.join() === edge.loopsOfTo.join())) known.push(edge.loopsOfTo);
}

/** Several FOREACH lines of one node with one variable are one loop that begins with several nodes. */
function enterLoop(here: Spot, from: number, edge: GraphEdge, relation: Foreach, draft: Draft): void {
  const { loops, issues } = draft;
  const known = loops.findIndex(({ opener, relation: { variable } }) => opener === from && variable === relation.variable);
  const opened = loops[known];
  if (opened !== undefined && (opened.relation.list !== relation.list || opened.relation.parallel !== relation.parallel)) {
    const detail = `${shown(here.node)} opens the loop ${shown(relation.variable)} twice, differently; expected the same words, or another variable`;
    issues.error(edge.pointer, "flow.conflicting_loop", detail);
    return;
  }
  if (here.loops.length >= MAX_LOOP_DEPTH) {
    issues.error(edge.pointer, "flow.loops_too_deep", `loops may be ${MAX_LOOP_DEPTH} deep`);
    return;
  }
  if (here.loops.some((id) => loops[id]?.relation.variable === relation.variable)) {
    const detail = `${shown(relation.variable)} is bound by a loop around this one; expected another name`;
    issues.error(edge.pointer, "flow.variable_taken", detail);
    return;
  }
  const loop = opened === undefined ? loops.push({ opener: from, relation, name: nameOf(here, relation, loops) }) - 1 : known;
  lead({ from, edge, loop, loopsOfTo: [...here.loops, loop] }, draft);
}

/** With the names of the loops around it: unique, since a node opens one loop for a variable wherever it stands. */
function nameOf({ node, loops: around }: Spot, { variable }: Foreach, loops: readonly PlacedLoop[]): string {
  const outer = loops[around.at(-1) ?? -1]?.name;
  return `${outer === undefined ? "" : `${outer}/`}${node}.${variable}`;
}

function leaveLoop(here: Spot, from: number, edge: GraphEdge, draft: Draft): void {
  const loop = here.loops.at(-1);
  if (loop !== undefined) return lead({ from, edge, loop, loopsOfTo: here.loops.slice(0, -1) }, draft);
  if (draft.hasUnread) return; // the line that opens the loop may be among those
  const detail = `${shown(here.node)} is reached outside of any loop; expected a FOREACH before GATHER`;
  draft.issues.error(edge.pointer, "flow.gather_without_loop", detail);
}
