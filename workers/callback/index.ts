/** The callback Worker: wires, and nothing else. */
import { randomUUID } from "node:crypto";
import { createKeys } from "../../shared/adapters/d1-keys.ts";
import { createRunIndex } from "../../shared/adapters/d1-run-index.ts";
import { createHints } from "../../shared/adapters/queue-hints.ts";
import { createPayloads } from "../../shared/adapters/r2-payloads.ts";
import { createRuns } from "../../shared/adapters/run-objects.ts";
import { createWiring } from "../../shared/create-wiring.ts";
import type { CallbackEnv } from "../../shared/env.ts";
import { createFailureBudget } from "../../shared/failure-budget.ts";
import { createIds } from "../../shared/ids.ts";
import { createRunTeller } from "../../shared/run-teller.ts";
import { createCallbackApp } from "./app.ts";

const now = () => Date.now();

const appOf = createWiring((env: CallbackEnv) => {
  const runs = createRuns(env.RUNS);
  return createCallbackApp({
    ids: createIds(env.MASTER_KEY),
    keys: createKeys(env.DB, now),
    failures: createFailureBudget(Number(env.FAILURE_RATE), now),
    runs,
    payloads: createPayloads(env.PAYLOADS),
    hints: createHints({ steps: env.STEPS, io: env.IO }),
    teller: createRunTeller({ index: createRunIndex(env.DB), runs, now, lingerMs: 20 }),
    newRequestId: () => `req_${randomUUID().replaceAll("-", "")}`,
  });
});

export default {
  fetch: (request, env, context) => appOf(env).fetch(request, context),
} satisfies ExportedHandler<CallbackEnv>;
