/** Puts the adapters behind the ports. */
import { randomBytes, randomUUID } from "node:crypto";
import { createCatalogue } from "../../shared/adapters/d1-catalogue.ts";
import { createCounterStore } from "../../shared/adapters/d1-counters.ts";
import { createCredentials } from "../../shared/adapters/d1-credentials.ts";
import { createKeys } from "../../shared/adapters/d1-keys.ts";
import { createUploadedParts } from "../../shared/adapters/d1-parts.ts";
import { createRunIndex } from "../../shared/adapters/d1-run-index.ts";
import { rememberNewest } from "../../shared/adapters/remembered-newest.ts";
import { rememberSecrets } from "../../shared/adapters/remembered-secret.ts";
import { createSchedules } from "../../shared/adapters/d1-schedules.ts";
import { createHints, toDeadLetterMessage } from "../../shared/adapters/queue-hints.ts";
import { readGauges } from "../../shared/adapters/queue-gauges.ts";
import { createPartStore } from "../../shared/adapters/r2-parts.ts";
import { createPayloads } from "../../shared/adapters/r2-payloads.ts";
import { createRuns } from "../../shared/adapters/run-objects.ts";
import { createScheduleKeepers } from "../../shared/adapters/schedule-objects.ts";
import { createComponents } from "../../shared/components.ts";
import type { IngressEnv } from "../../shared/env.ts";
import { createFailureBudget } from "../../shared/failure-budget.ts";
import { createIds } from "../../shared/ids.ts";
import { createPartCatalogue } from "../../shared/part-catalogue.ts";
import { createSlots } from "../../shared/adapters/slot-objects.ts";
import { createStartRate } from "../../shared/start-rate.ts";
import { createRunTeller } from "../../shared/run-teller.ts";
import type { IngressDeps } from "./deps.ts";
import type { TriggerDeps } from "./triggers.ts";

export function wire(env: IngressEnv): IngressDeps & TriggerDeps {
  const now = () => Date.now();
  const runs = createRuns(env.RUNS);
  const uploadedParts = createUploadedParts(env.DB);
  const index = createRunIndex(env.DB);
  const credentials = createCredentials(env.DB, env.MASTER_KEY, now);
  return {
    ids: createIds(env.MASTER_KEY),
    runs,
    slots: createSlots(env.SLOTS),
    startRate: createStartRate(Number(env.START_RATE), now),
    payloads: createPayloads(env.PAYLOADS),
    hints: createHints({ steps: env.STEPS, io: env.IO, deadLetters: env.DEAD_LETTERS }),
    index,
    teller: createRunTeller({ index, runs, now, lingerMs: 20 }),
    catalogue: env.DETACH_IO === "1" ? rememberNewest(createCatalogue(env.DB), now) : createCatalogue(env.DB),
    components: createComponents(),
    parts: createPartCatalogue(uploadedParts),
    uploadedParts,
    partStore: createPartStore(env.PAYLOADS),
    schedules: createSchedules(env.DB),
    keepers: createScheduleKeepers(env.SCHEDULES),
    keys: createKeys(env.DB, now),
    failures: createFailureBudget(Number(env.FAILURE_RATE), now),
    credentials,
    rememberedSecrets: rememberSecrets(credentials, now),
    counters: createCounterStore(env.DB, now),
    gauges: () =>
      readGauges(
        { "arcrun-steps": env.STEPS, "arcrun-io": env.IO, "arcrun-triggers": env.TRIGGERS, "arcrun-dead-letters": env.DEAD_LETTERS },
        now(),
      ),
    forward: (request) => env.CALLBACK.fetch(request),
    sendDeadLetter: async (letter) => {
      await env.DEAD_LETTERS.send(toDeadLetterMessage(letter), { contentType: "json" });
    },
    publicUrl: env.PUBLIC_URL.replace(/\/+$/, ""),
    now,
    newRequestId: () => `req_${randomUUID().replaceAll("-", "")}`,
    newUnique: () => randomUUID(),
    randomHex: (bytes) => randomBytes(bytes).toString("hex"),
  };
}
