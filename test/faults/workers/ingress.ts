import type { IngressEnv } from "../../../shared/env.ts";
import ingress from "../../../workers/ingress/index.ts";
import { faultyEnv } from "../faulty-env.ts";

export default {
  fetch: (request, env, context) => ingress.fetch(request, faultyEnv(env), context),
  queue: (batch, env) => ingress.queue(batch, faultyEnv(env)),
} satisfies ExportedHandler<IngressEnv>;
