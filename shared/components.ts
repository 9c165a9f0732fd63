/** All components that a workflow may name: the parts of the build, what the engine does itself, and the recipes. */
import { PART_MANIFESTS } from "../generated/part-manifests.ts";
import { AUTH_RECIPES, RECIPES } from "../generated/recipes.ts";
import { engineInputs } from "./engine-params.ts";
import { DEFAULT_TIMEOUT_MS } from "./model/limits.ts";
import type { Catalogue, ComponentInfo } from "./model/definition/workflow.ts";
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
const ENGINE_COMPONENTS: readonly Omit<ComponentInfo, "input">[] = [
  engine("approval", { mayPause: true }),
  engine("wait", { mayPause: true }),
  engine("wait_for_callback", { mayPause: true }),
  engine("trigger_workflow", { mayPause: true, effects: "idempotent", contextField: "input", ignores: ["api_key"] }),
  engine("wait_for_workflows", { mayPause: true }),
  engine("respond"),
  engine("poll_task", {
    mayPause: true,
    effects: "idempotent",
    lane: "io",
    credentialFields: true,
    expressionFields: ["done_when", "fail_when"],
  }),
  engine("output"),
];

const ADDRESS = /^https?:\/\/[^\s{}]+$/;

/** A part wins over a recipe of its name. An unknown name is absent, `constructor` too; an address is a component by itself. */
export function createComponents(): Catalogue {
  const byName = new Map<string, ComponentInfo>(Object.values(RECIPES).map((recipe) => [recipe.canonicalId, recipeInfo(recipe)]));
  for (const service of Object.keys(AUTH_RECIPES)) if (!byName.has(service)) byName.set(service, serviceInfo());
  const inputs = engineInputs();
  for (const info of ENGINE_COMPONENTS) {
    const input = inputs[info.component];
    byName.set(info.component, input === undefined ? info : { ...info, input });
  }
  for (const part of Object.values(PART_MANIFESTS)) {
    for (const name of [...part.aliases, part.name]) byName.set(name, partInfo(part));
  }
  return {
    find: (name) => byName.get(name) ?? (ADDRESS.test(name) && URL.canParse(name) ? ADDRESS_INFO : undefined),
    names: () => byName.keys(),
  };
}

const request: ComponentInfo = {
  kind: "recipe",
  component: HTTP_CALL,
  receives: "params",
  effects: "idempotent",
  lane: "io",
  mayPause: false,
  timeoutMs: PART_MANIFESTS[HTTP_CALL]?.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  credentialFields: true,
};

const recipeInfo = ({ effects, params }: Recipe): ComponentInfo => ({ ...request, effects, input: params });

/** `component: github`: any request to the service, with its secrets put in. */
function serviceInfo(): ComponentInfo {
  const input = PART_MANIFESTS[HTTP_CALL]?.input;
  return input === undefined ? request : { ...request, input };
}

/** `component: https://…`: the context is POSTed there as JSON, the config laid over it. */
const ADDRESS_INFO: ComponentInfo = { ...request, receives: "context" };
