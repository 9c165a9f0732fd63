/** Wake-up hints over the lane queues, and dead letters. Never throws: what is lost here, the run's alarm sends again (R2). */
import pRetry from "p-retry";
import { logError } from "../log-error.ts";
import type { DeadLetter, DeadLetterMessage, Lane, LaneHint } from "../message.ts";
import { MAX_BATCH_BYTES, MAX_BATCH_MESSAGES } from "../model/limits.ts";
import type { Hints } from "../ports.ts";

/** Seconds inside one invocation, no more: the alarm is the patient one. */
const RETRY = { retries: 3, minTimeout: 50, maxTimeout: 500, factor: 3 };
/** What the platform adds to each message of a batch. */
const MESSAGE_OVERHEAD_BYTES = 100;

export type HintQueues = Readonly<Record<Lane, Queue>> & { readonly deadLetters?: Queue };

export function createHints(queues: HintQueues): Hints {
  return {
    async send(hints) {
      const bodiesOf = (lane: Lane) => hints.filter((one: LaneHint) => one.lane === lane).map(({ hint }) => hint);
      await Promise.all([sendAll(queues.steps, bodiesOf("steps")), sendAll(queues.io, bodiesOf("io"))]);
    },
    async sendDeadLetters(letters) {
      if (queues.deadLetters) await sendAll(queues.deadLetters, letters.map(toDeadLetterMessage));
    },
  };
}

export const toDeadLetterMessage = (letter: DeadLetter): DeadLetterMessage => ({
  v: 1,
  kind: letter.runId === null ? "message" : "step",
  letter,
});

async function sendAll(queue: Queue, bodies: readonly unknown[]): Promise<void> {
  for (const batch of batchesOf(bodies)) {
    try {
      await pRetry(() => queue.sendBatch(batch.map((body) => ({ body, contentType: "json" }))), RETRY);
    } catch (error) {
      logError("messages.not_sent", error, { count: batch.length });
    }
  }
}

/** As few batches as the limits of `sendBatch` allow, in order. */
export function batchesOf<T>(bodies: readonly T[]): T[][] {
  const batches: T[][] = [];
  let room = 0;
  for (const body of bodies) {
    const bytes = Buffer.byteLength(JSON.stringify(body)) + MESSAGE_OVERHEAD_BYTES;
    const last = batches.at(-1);
    if (last && last.length < MAX_BATCH_MESSAGES && bytes <= room) {
      last.push(body);
      room -= bytes;
    } else {
      batches.push([body]);
      room = MAX_BATCH_BYTES - bytes;
    }
  }
  return batches;
}
