/** Which steps start again in a redrive: the failed or the named ones, and everything downstream of them. */
import { unchangedVertices } from "./change-plan.ts";
import { isHandled } from "./failures.ts";
import { groupBy } from "./group-by.ts";
import { loopKey } from "./loop-run.ts";
import type { Plan } from "./plan.ts";
import { edgeAt, loopAt, loopsOpenedBy, targetsOf, vertexAt, vertexByKey } from "./plan-index.ts";
import { isPrologue } from "./prologue.ts";
import type { RunState, Step } from "./run-state.ts";
import { stepKey } from "./run.ts";

/** `steps` are keys like `work[3]`; of a node that is in several loops, all its steps of that item are meant. */
export type RedriveWish = { readonly nodes?: readonly string[]; readonly steps?: readonly string[] };

const namesOf = ({ key, vertex, item }: Step): readonly string[] => [key, stepKey(vertex.node, item)];

/** Whether a step is named; undefined: nobody named any. */
function naming({ nodes, steps }: RedriveWish): ((step: Step) => boolean) | undefined {
  if (nodes === undefined && steps === undefined) return undefined;
  const [wantedNodes, wantedSteps] = [new Set(nodes), new Set(steps)];
  return (step) => wantedNodes.has(step.vertex.node) || namesOf(step).some((name) => wantedSteps.has(name));
}

const redrivable = (state: RunState): readonly Step[] =>
  [...state.steps.values()].filter((step) => step.vertex.kind !== "start" && step.vertex.kind !== "epilogue" && !hasSlot(step));

/** The first name that is none of the run's. */
export function unknownStep(
  state: RunState,
  { nodes = [], steps = [] }: RedriveWish,
): { readonly list: "nodes" | "steps"; readonly at: number } | undefined {
  if (nodes.length + steps.length === 0) return undefined;
  const all = redrivable(state);
  const [knownNodes, knownSteps] = [new Set(all.map(({ vertex }) => vertex.node)), new Set(all.flatMap(namesOf))];
  const [node, step] = [nodes.findIndex((name) => !knownNodes.has(name)), steps.findIndex((name) => !knownSteps.has(name))];
  if (node !== -1) return { list: "nodes", at: node };
  return step === -1 ? undefined : { list: "steps", at: step };
}

/** In the order of creation. On another plan all that has changed in it runs again, too. */
export function stepsToRedrive(state: RunState, wish: RedriveWish, plan?: Plan): readonly Step[] {
  const all = redrivable(state);
  const isNamed = naming(wish);
  const unchanged = plan === undefined ? undefined : unchangedVertices(state.plan, plan);
  const isChanged = ({ vertex: { key } }: Step): boolean => unchanged?.has(key) === false;
  const isWanted = (step: Step): boolean => (isNamed === undefined ? needsRepair(state, step) : isNamed(step) || isCutShort(step));
  return withDownstream(
    state,
    all,
    all.filter((step) => isWanted(step) || isChanged(step)),
  );
}

/** Vertices of another plan that this run has never had. */
export const addedVertices = (state: RunState, plan: Plan): readonly string[] =>
  plan.vertices.flatMap(({ key, kind, config }) =>
    vertexByKey(state.plan, key) === undefined && (kind !== "end" || config !== undefined) ? [key] : [],
  );

/** Steps of a run that is going of which nobody knows whether their effect happened: a person may decide that they run again. */
export function heldSteps(state: RunState, wish: RedriveWish): readonly Step[] {
  const isNamed = naming(wish) ?? (() => true);
  return [...state.live].filter((step) => step.status === "unknown" && isNamed(step));
}

/** It is done anew for every redrive. */
const hasSlot = (step: Step): boolean => isPrologue(step) && step.status === "succeeded";

/** Left out, it would never end, and whatever joins it would be forgotten: always redriven. */
const isCutShort = ({ status }: Step): boolean => status === "cancelled" || status === "unknown";

const needsRepair = (state: RunState, step: Step): boolean => isCutShort(step) || (step.status === "failed" && !isHandled(state, step));

/** Also what is downstream by a loop: the whole body of what opens it, what gathers it, and what follows when it has ended. */
function withDownstream(state: RunState, all: readonly Step[], first: readonly Step[]): readonly Step[] {
  const { plan } = state;
  const chosen = new Set(first);
  const byPass = groupBy(all, ({ vertex, item }) => passKey(vertex.loops, item));
  const choose = (to: number, item: readonly number[]) => {
    const next = state.steps.get(stepKey(vertexAt(plan, to).key, item));
    if (next !== undefined) chosen.add(next); // a set may grow while it is walked
  };
  const ended = new Set<string>();
  const chooseAfter = (loop: number, item: readonly number[]) => {
    if (ended.has(loopKey(loop, item))) return;
    ended.add(loopKey(loop, item));
    for (const id of [...loopAt(plan, loop).gathers, ...loopAt(plan, loop).followers]) {
      const { relation, to } = edgeAt(plan, id);
      if (relation.kind === "foreach") choosePass(relation.loop, item);
      else choose(to, item);
    }
  };
  const choosePass = (loop: number, item: readonly number[]) => {
    for (const inside of byPass.get(loopKey(loop, item)) ?? []) chosen.add(inside);
    chooseAfter(loop, item);
  };
  for (const { vertex, item } of chosen) {
    for (const to of targetsOf(plan, vertex)) choose(to, item);
    for (const loop of loopsOpenedBy(plan, vertex)) choosePass(loop, item);
    vertex.loops.forEach((loop, depth) => chooseAfter(loop, item.slice(0, depth)));
  }
  return all.filter((step) => chosen.has(step));
}

const passKey = (loops: readonly number[], item: readonly number[]): string => {
  const loop = loops.at(-1);
  return loop === undefined ? "" : loopKey(loop, item.slice(0, -1));
};
