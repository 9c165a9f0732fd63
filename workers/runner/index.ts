/** The runner: consumes the lanes and the dead letters, hosts the run objects. Wires only. */
import { WorkerEntrypoint } from "cloudflare:workers";
import pTimeout from "p-timeout";
import { PART_MANIFESTS } from "../../generated/part-manifests.ts";
import { PART_BYTES } from "../../generated/part-bytes.ts";
import { AUTH_RECIPES, RECIPES } from "../../generated/recipes.ts";
import { createCatalogue } from "../../shared/adapters/d1-catalogue.ts";
import { createCounterStore } from "../../shared/adapters/d1-counters.ts";
import { createCredentials } from "../../shared/adapters/d1-credentials.ts";
import { createUploadedParts } from "../../shared/adapters/d1-parts.ts";
import { createRunIndex } from "../../shared/adapters/d1-run-index.ts";
import { createHints } from "../../shared/adapters/queue-hints.ts";
import { createPartStore } from "../../shared/adapters/r2-parts.ts";
import { createPayloads } from "../../shared/adapters/r2-payloads.ts";
import { createRuns } from "../../shared/adapters/run-objects.ts";
import { createSlots } from "../../shared/adapters/slot-objects.ts";
import type { RunnerEnv } from "../../shared/env.ts";
import { createIds } from "../../shared/ids.ts";
import { createCounters } from "../../shared/metrics.ts";
import { createRunTeller } from "../../shared/run-teller.ts";
import type { Assignment } from "../../shared/run-api.ts";
import { consume } from "./consume.ts";
import { consumeDeadLetters } from "./dead-letters.ts";
import type { RunnerDeps } from "./deps.ts";
import { createIoLane, type InFlight, stepsLane } from "./io-lane.ts";
import { createPartLibrary } from "./part-library.ts";
import { createOffers, NO_OFFERS } from "./offers.ts";
import { executeAndSettle } from "./settle-batch.ts";
import { createQuietHosts } from "./quiet-hosts.ts";
import { createPartLoader } from "./part-loader.ts";
import { createTransport } from "./transport.ts";

export { RunObject } from "./run-object.ts";
export { SlotObject } from "./slot-object.ts";
export { ScheduleObject } from "./schedule-object.ts";

const GO_ON_MS = 200;
const COUNTERS_EVERY_MS = 5000;
/** Counts are no reason to let steps wait. */
const COUNTED_WITHIN_MS = 500;

/** What lives as long as the isolate: counts that are not yet written, and how many detached steps are under way. */
const counted = { counters: createCounters(), writtenAt: 0 };
const inFlight: InFlight = { count: 0 };
/** Adapters hold caches, so they are made once for an environment. */
const wired = new WeakMap<RunnerEnv, RunnerDeps>();

function depsOf(env: RunnerEnv): RunnerDeps {
  const known = wired.get(env);
  if (known !== undefined) return known;
  const deps = createDeps(env);
  wired.set(env, deps);
  return deps;
}

function createDeps(env: RunnerEnv): RunnerDeps {
  const now = () => Date.now();
  const store = createCounterStore(env.DB, now);
  const runs = createRuns(env.RUNS);
  const index = createRunIndex(env.DB);
  const parts = createPartStore(env.PAYLOADS);
  return {
    now,
    publicUrl: env.PUBLIC_URL,
    ids: createIds(env.MASTER_KEY),
    runs,
    slots: createSlots(env.SLOTS),
    payloads: createPayloads(env.PAYLOADS),
    hints: createHints({ steps: env.STEPS, io: env.IO, deadLetters: env.DEAD_LETTERS }),
    index,
    teller: createRunTeller({ index, runs, now, lingerMs: 0 }),
    catalogue: createCatalogue(env.DB),
    uploadedParts: createUploadedParts(env.DB),
    credentials: createCredentials(env.DB, env.MASTER_KEY, now),
    goOnMs: GO_ON_MS,
    // On one machine every message comes back to this isolate.
    offers: env.DETACH_IO === "1" ? createOffers(now) : NO_OFFERS,
    counters: counted.counters,
    async flushCounters() {
      if (now() - counted.writtenAt < COUNTERS_EVERY_MS) return;
      counted.writtenAt = now();
      const added = pTimeout(store.add(counted.counters.drain()), { milliseconds: COUNTED_WITHIN_MS });
      await added.catch((thrown: unknown) => log("counters.failed", { error: String(thrown) }));
    },
    parts: createPartLibrary({ manifests: PART_MANIFESTS, ...PART_BYTES }, parts, createPartLoader(env.LOADER, parts)),
    recipes: {
      recipe: (id) => (Object.hasOwn(RECIPES, id) ? RECIPES[id] : undefined),
      auth: (service) => (Object.hasOwn(AUTH_RECIPES, service) ? AUTH_RECIPES[service] : undefined),
    },
    transport: createTransport(env),
    quietHosts: createQuietHosts(now),
    log,
  };
}

function log(event: string, fields: Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify({ event, ...fields }));
}

/** Executes steps that call out; see `io-lane.ts`. */
export class IoSteps extends WorkerEntrypoint<RunnerEnv> {
  async run(assignments: readonly Assignment[]): Promise<void> {
    inFlight.count += assignments.length;
    const work = executeAndSettle(assignments, depsOf(this.env)).finally(() => {
      inFlight.count -= assignments.length;
    });
    if (this.env.DETACH_IO === "1") this.ctx.waitUntil(work);
    else await work;
  }
}

type Exports = { readonly IoSteps: { run(assignments: readonly Assignment[]): Promise<void> } };

export default {
  async queue(batch: MessageBatch, env: RunnerEnv, ctx: ExecutionContext): Promise<void> {
    const deps = depsOf(env);
    switch (batch.queue) {
      case "arcrun-dead-letters":
        return consumeDeadLetters(batch, deps);
      case "arcrun-io": {
        // The loopback binding of this Worker's own entrypoint; the platform's types know it only by generation.
        const { IoSteps: service } = ctx.exports as unknown as Exports;
        return consume(batch, createIoLane(service, inFlight), deps);
      }
      default:
        return consume(batch, stepsLane, deps);
    }
  },
};
