/** The ingress Worker: wires, and nothing else. */
import { createWiring } from "../../shared/create-wiring.ts";
import type { IngressEnv } from "../../shared/env.ts";
import { createIngressApp } from "./app.ts";
import { consumeTriggers } from "./triggers.ts";
import { wire } from "./wire.ts";

export { Arcrun } from "./entrypoint.ts";

const wired = createWiring((env: IngressEnv) => {
  const deps = wire(env);
  return { deps, app: createIngressApp(deps) };
});

export default {
  fetch: (request, env, context) => wired(env).app.fetch(request, context),
  queue: (batch, env) => consumeTriggers(wired(env).deps, batch.messages),
} satisfies ExportedHandler<IngressEnv>;
