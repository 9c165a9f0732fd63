/** What a run object does to the world outside of its log, all of it repeatable. */
import pTimeout from "p-timeout";
import { createRunIndex } from "../../shared/adapters/d1-run-index.ts";
import { createSlots } from "../../shared/adapters/slot-objects.ts";
import { createHints } from "../../shared/adapters/queue-hints.ts";
import { createRuns } from "../../shared/adapters/run-objects.ts";
import type { RunnerEnv } from "../../shared/env.ts";
import type { SlotOfRun } from "../../shared/ledger/slots.ts";
import { logError } from "../../shared/log-error.ts";
import { PROLOGUE_KEY } from "../../shared/model/prologue.ts";
import type { Swept } from "../../shared/ledger/sweep.ts";
import type { Errand, ErrandReply } from "../../shared/errand.ts";
import { runErrand } from "./run-errand.ts";

export type ObjectPorts = {
  /** When the oldest message that still lies in a lane was sent, milliseconds; infinity: both are empty, or nobody can tell. */
  oldestMessageAt(): Promise<number>;
  /** Hints go to their lanes; index and desk are written, what they have stays as it is. Throws when they do not answer. */
  send(swept: Swept): Promise<void>;
  /** Never rejects. */
  giveBackSlot(tenant: string, runId: string, slot: SlotOfRun): Promise<void>;
  /** Throws when the other run does not answer. */
  run(tenant: string, errand: Errand): Promise<ErrandReply>;
  /** Deletes the payloads of a run and its row in the index. */
  forget(tenant: string, runId: string): Promise<void>;
};

const LIST_PAGE = 1000;
/** The alarm has more to do than to wait for a number. */
const METRICS_WITHIN_MS = 1000;

export function createObjectPorts(env: RunnerEnv): ObjectPorts {
  const hints = createHints({ steps: env.STEPS, io: env.IO });
  const index = createRunIndex(env.DB);
  const slots = createSlots(env.SLOTS);
  const runs = createRuns(env.RUNS);
  return {
    run: (tenant, errand) => runErrand(tenant, errand, { runs, hints, index }),
    async oldestMessageAt() {
      const ages = await Promise.all([oldestOf(env.STEPS), oldestOf(env.IO)]);
      return Math.min(...ages);
    },
    async send({ hints: due, summary, deadLetters }) {
      await Promise.all([hints.send(due), index.addDeadLetters(deadLetters), index.upsert(summary === null ? [] : [summary])]);
    },
    async giveBackSlot(tenant, runId, { key, lease }) {
      const released = slots.of(tenant, "run", key).release({ runId, step: PROLOGUE_KEY, lease });
      await released.catch((thrown: unknown) => logError("slots.not_released", thrown, { run: runId }));
    },
    async forget(tenant, runId) {
      for (;;) {
        const { objects, truncated } = await env.PAYLOADS.list({ prefix: `${tenant}/${runId}/`, limit: LIST_PAGE });
        if (objects.length > 0) await env.PAYLOADS.delete(objects.map(({ key }) => key));
        if (!truncated) break;
      }
      await index.remove(tenant, runId);
    },
  };
}

async function oldestOf(queue: Queue): Promise<number> {
  try {
    const { backlogCount, oldestMessageTimestamp } = await pTimeout(queue.metrics(), { milliseconds: METRICS_WITHIN_MS });
    return backlogCount === 0 || oldestMessageTimestamp === undefined
      ? Number.POSITIVE_INFINITY
      : new Date(oldestMessageTimestamp).getTime();
  } catch {
    return Number.POSITIVE_INFINITY; // a runtime without metrics, or one that does not answer: send again, a second hint is harmless (R1)
  }
}
