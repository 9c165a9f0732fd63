/** All components that a workflow may name: the parts of the build, what the engine does itself, and the recipes. */
import { PART_MANIFESTS } from "../generated/part-manifests.ts";
import { RECIPES } from "../generated/recipes.ts";
import { DEFAULT_TIMEOUT_MS } from "./model/limits.ts";
import type { Catalogue, ComponentInfo } from "./model/workflow.ts";
import { HTTP_CALL, partInfo } from "./part-info.ts";
import type { Recipe } from "./recipe.ts";

const engine = (component: string, more: Partial<ComponentInfo> = {}): ComponentInfo => ({
  kind: "engine",
  component,
  receives: "params",
  effects: "pure",
  lane: "steps",
  mayPause: false,
  timeoutMs: DEFAULT_TIMEOUT_MS,
  credentialFields: false,
  ...more,
});

/** Orchestration, done by the engine itself. */
const ENGINE_COMPONENTS: readonly ComponentInfo[] = [
  engine("wait", { mayPause: true }),
  engine("wait_for_callback", { mayPause: true }),
  engine("trigger_workflow", { mayPause: true, effects: "idempotent", contextField: "input" }),
  engine("wait_for_workflows", { mayPause: true }),
  engine("respond"),
  engine("poll_task", { mayPause: true, effects: "idempotent", lane: "io", credentialFields: true }),
  engine("output"),
];

/** A part wins over a recipe of its name. An unknown name is absent, `constructor` too. */
export function createComponents(): Catalogue {
  const byName = new Map<string, ComponentInfo>(Object.values(RECIPES).map((recipe) => [recipe.canonicalId, recipeInfo(recipe)]));
  for (const info of ENGINE_COMPONENTS) byName.set(info.component, info);
  for (const part of Object.values(PART_MANIFESTS)) {
    for (const name of [...part.aliases, part.name]) byName.set(name, partInfo(part));
  }
  return { find: (name) => byName.get(name), names: () => byName.keys() };
}

function recipeInfo({ effects, params }: Recipe): ComponentInfo {
  const http = PART_MANIFESTS[HTTP_CALL];
  const timeoutMs = http?.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  return {
    kind: "recipe",
    component: HTTP_CALL,
    receives: "params",
    effects,
    lane: "io",
    mayPause: false,
    timeoutMs,
    credentialFields: true,
    input: params,
  };
}
