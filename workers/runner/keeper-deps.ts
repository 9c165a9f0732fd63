/** What the object of schedules works with: ports like those of the runner. */
import { createCatalogue } from "../../shared/adapters/d1-catalogue.ts";
import { createUploadedParts } from "../../shared/adapters/d1-parts.ts";
import { createRunIndex } from "../../shared/adapters/d1-run-index.ts";
import { createSchedules } from "../../shared/adapters/d1-schedules.ts";
import { createHints } from "../../shared/adapters/queue-hints.ts";
import { createPayloads } from "../../shared/adapters/r2-payloads.ts";
import { createRuns } from "../../shared/adapters/run-objects.ts";
import { createSlots } from "../../shared/adapters/slot-objects.ts";
import { createWiring } from "../../shared/create-wiring.ts";
import type { RunnerEnv } from "../../shared/env.ts";
import { createIds } from "../../shared/ids.ts";
import { createRunTeller } from "../../shared/run-teller.ts";
import type { KeeperDeps } from "./keep-schedules.ts";

/** One set for all objects of an isolate: the catalogue keeps plans in memory. */
export const createKeeperDeps = createWiring((env: RunnerEnv): KeeperDeps => {
  const now = () => Date.now();
  const runs = createRuns(env.RUNS);
  const index = createRunIndex(env.DB);
  return {
    now,
    ids: createIds(env.MASTER_KEY),
    runs,
    payloads: createPayloads(env.PAYLOADS),
    hints: createHints({ steps: env.STEPS, io: env.IO }),
    teller: createRunTeller({ index, runs, now, lingerMs: 0 }),
    slots: createSlots(env.SLOTS),
    // Only what comes from outside is counted.
    startRate: { take: () => undefined },
    uploadedParts: createUploadedParts(env.DB),
    catalogue: createCatalogue(env.DB),
    schedules: createSchedules(env.DB),
    index,
    // A firing names its run itself.
    newUnique: () => "",
    log: (event, fields) => console.log(JSON.stringify({ event, ...fields })),
  };
});
