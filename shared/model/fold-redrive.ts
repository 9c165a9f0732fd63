/** What a redrive does to the state; the rest of the fold is in `fold.ts`. */
import { changePlan } from "./change-plan.ts";
import type { EventOf } from "./log.ts";
import { listedItems } from "./loop-run.ts";
import { START_NODE } from "./plan.ts";
import { enterAgain, PROLOGUE_KEY } from "./prologue.ts";
import { beginAgain, forgetAll } from "./restart.ts";
import type { RunState } from "./run-state.ts";

/** Another version of the workflow. The start has the same input as before, and decides what it was told to. */
export function replanned(state: RunState, { generation, plan, digests, taken, lists }: EventOf<"run.replanned">): RunState {
  for (const { key, rows } of changePlan(state, plan)) state.formers.set(key, { generation, rows });
  state.digests = digests;
  const start = state.steps.get(START_NODE);
  if (start !== undefined) Object.assign(start, { taken, lists: listedItems(lists) });
  return state;
}

/** The listed steps are forgotten and may be created again; what they had decided is open again (F2). */
export function redriven(state: RunState, { generation, steps: named, goesOn }: EventOf<"run.redriven">, at: number): RunState {
  state.redriving.push(...named);
  if (goesOn === true) return state;
  const steps = state.redriving.splice(0);
  state.generation = generation;
  state.resumedAt = at;
  const hadEnded = state.ended !== undefined;
  if (hadEnded) state.kin.life += 1; // a held step that runs again is no new life
  state.ended = undefined;
  const forgotten = forgetAll(state, [...steps, ...epilogueKeys(state), ...(hadEnded ? [PROLOGUE_KEY] : [])]);
  if (hadEnded) enterAgain(state, forgotten, at);
  else beginAgain(state, forgotten, at);
  return state;
}

const epilogueKeys = (state: RunState): string[] =>
  [...state.steps.values()].filter(({ vertex }) => vertex.kind === "epilogue").map(({ key }) => key);
