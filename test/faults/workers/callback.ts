import type { CallbackEnv } from "../../../shared/env.ts";
import callback from "../../../workers/callback/index.ts";
import { faultyEnv } from "../faulty-env.ts";

export default {
  fetch: (request, env, context) => callback.fetch(request, faultyEnv(env), context),
} satisfies ExportedHandler<CallbackEnv>;
