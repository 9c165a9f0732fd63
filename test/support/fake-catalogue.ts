/** A small catalogue for tests of the compiler: one component of each sort. */
import type { Catalogue, ComponentInfo } from "../../shared/model/definition/workflow.ts";

const pure: ComponentInfo = {
  kind: "part",
  component: "",
  receives: "params",
  effects: "pure",
  lane: "steps",
  mayPause: false,
  timeoutMs: 60_000,
  credentialFields: false,
};
const engine: ComponentInfo = { ...pure, kind: "engine" };
const calling: ComponentInfo = {
  ...pure,
  component: "http_request",
  effects: "idempotent",
  lane: "io",
  credentialFields: true,
};

export const COMPONENTS: ReadonlyMap<string, ComponentInfo> = new Map<string, ComponentInfo>([
  ["set", pure],
  ["assert", pure],
  ["number_ops", pure],
  ["switch", pure],
  ["code", pure],
  ["merge", { ...pure, receives: "context" }],
  ["http_request", calling],
  ["telegram_send", { ...calling, kind: "recipe", timeoutMs: 30_000 }],
  ["daemon_task", { ...calling, component: "daemon_task", mayPause: true }],
  ["wait", { ...engine, mayPause: true }],
  ["wait_for_callback", { ...engine, mayPause: true }],
  ["trigger_workflow", { ...engine, receives: "context", effects: "idempotent" }],
]);

export const fakeCatalogue: Catalogue = {
  find: (name) => {
    const found = COMPONENTS.get(name);
    return found === undefined || found.component !== "" ? found : { ...found, component: name };
  },
  names: () => COMPONENTS.keys(),
};
