/** The runner's dependencies with its real bindings, and how a test hands it a batch. What a test must see or fake is its own. */
import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { PART_MANIFESTS } from "../../generated/part-manifests.ts";
import { PART_BYTES } from "../../generated/part-bytes.ts";
import { NO_OFFERS } from "../../workers/runner/offers.ts";
import { createPartLibrary } from "../../workers/runner/part-library.ts";
import { createQuietHosts } from "../../workers/runner/quiet-hosts.ts";
import { createPartLoader } from "../../workers/runner/part-loader.ts";
import { AUTH_RECIPES, RECIPES } from "../../generated/recipes.ts";
import { createCatalogue } from "../../shared/adapters/d1-catalogue.ts";
import { createCredentials } from "../../shared/adapters/d1-credentials.ts";
import { createUploadedParts } from "../../shared/adapters/d1-parts.ts";
import { createRunIndex } from "../../shared/adapters/d1-run-index.ts";
import { createHints } from "../../shared/adapters/queue-hints.ts";
import { createPartStore } from "../../shared/adapters/r2-parts.ts";
import { createPayloads } from "../../shared/adapters/r2-payloads.ts";
import { createSlots } from "../../shared/adapters/slot-objects.ts";
import { createRuns } from "../../shared/adapters/run-objects.ts";
import type { StepHint } from "../../shared/message.ts";
import type { RunnerDeps } from "../../workers/runner/deps.ts";
import { createRunTeller } from "../../shared/run-teller.ts";
import { testEnv } from "./workerd-env.ts";
import { ids, runIdOf, TENANT } from "./workerd-runs.ts";

/** `logged` and `counted` tell what the runner said of itself. */
export function createTestRunner(more: Partial<RunnerDeps> = {}) {
  const logged: string[] = [];
  const counted: string[] = [];
  const now = () => Date.now();
  const runs = more.runs ?? createRuns(testEnv.RUNS);
  const index = more.index ?? createRunIndex(testEnv.DB);
  const store = createPartStore(testEnv.PAYLOADS);
  const deps: RunnerDeps = {
    now,
    publicUrl: testEnv.PUBLIC_URL,
    ids,
    runs,
    slots: createSlots(testEnv.SLOTS),
    payloads: createPayloads(testEnv.PAYLOADS),
    hints: createHints({ steps: testEnv.STEPS, io: testEnv.IO, deadLetters: testEnv.DEAD_LETTERS }),
    index,
    teller: createRunTeller({ index, runs, now, lingerMs: 0 }),
    catalogue: createCatalogue(testEnv.DB),
    uploadedParts: createUploadedParts(testEnv.DB),
    credentials: createCredentials(testEnv.DB, testEnv.MASTER_KEY, now),
    counters: {
      step: (part, kind) => void counted.push(`${part} ${kind}`),
      deadLetter: () => void counted.push("dead letter"),
      refused: (count) => void (count > 0 && counted.push(`refused ${count}`)),
      objectCall: () => undefined,
      hinted: () => undefined,
    },
    offers: NO_OFFERS,
    goOnMs: 0, // tests go step by step
    flushCounters: () => Promise.resolve(),
    parts: createPartLibrary({ manifests: PART_MANIFESTS, ...PART_BYTES }, store, createPartLoader(testEnv.LOADER, store)),
    recipes: { recipe: (id) => RECIPES[id], auth: (service) => AUTH_RECIPES[service] },
    quietHosts: createQuietHosts(now),
    transport: () => Promise.reject(new Error("this test has no network")),
    log: (event) => void logged.push(event),
    ...more,
  };
  return { deps, logged, counted };
}

export const hintFor = (run: string, step: string): StepHint => ({ v: 1, tenant: TENANT, run: runIdOf(run), step });

type Work = (batch: MessageBatch, context: ExecutionContext) => Promise<void>;

/** Hands over messages `m0`, `m1`, … of these bodies, and tells what became of each. */
export async function deliver(queue: string, bodies: readonly unknown[], work: Work, attempts = 1) {
  const batch = createMessageBatch(
    queue,
    bodies.map((body, i) => ({ id: `m${i}`, timestamp: new Date(), attempts, body })),
  );
  const delays = new Map(batch.messages.map((message) => [message.id, delayOf(message)]));
  const context = createExecutionContext();
  await work(batch, context);
  const result = await getQueueResult(batch, context);
  // The result of the test library leaves the delays out.
  return { ...result, retryMessages: result.retryMessages.map(({ msgId }) => ({ msgId, delaySeconds: delays.get(msgId)?.() })) };
}

/** Listens to the retries of the message; gives the delay of the last one. */
function delayOf(message: Message): () => number | undefined {
  let delay: number | undefined;
  const retry = message.retry.bind(message);
  message.retry = (options) => {
    delay = options?.delaySeconds;
    retry(options);
  };
  return () => delay;
}

/** What becomes of a batch whose messages are all settled one by one. */
export const settled = (acks: readonly string[], retries: readonly { readonly msgId: string; readonly delaySeconds: number }[] = []) => ({
  outcome: "ok",
  ackAll: false,
  retryBatch: { retry: false },
  explicitAcks: acks,
  retryMessages: retries,
});
