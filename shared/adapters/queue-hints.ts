/** Wake-up hints over the lane queues, and dead letters. Never throws: what is lost here, the run's alarm sends again (R2). */
import pRetry, { AbortError } from "p-retry";
import pTimeout, { TimeoutError } from "p-timeout";
import { logError } from "../log-error.ts";
import type { DeadLetter, DeadLetterMessage, Lane, LaneHint } from "../message.ts";
import { MAX_BATCH_BYTES, MAX_BATCH_MESSAGES, SECOND_MS } from "../model/limits.ts";
import type { Hints } from "../ports.ts";

/** Seconds inside one invocation, no more: the alarm is the patient one. */
const RETRY = { retries: 3, minTimeout: 50, maxTimeout: 500, factor: 3 };
/** A queue that is overloaded was seen not to answer for a minute: nobody is to wait for that, and it is not asked again. */
const ANSWERS_WITHIN_MS = 2 * SECOND_MS;
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

/** What is left when a queue does not answer is not even tried. */
async function sendAll(queue: Queue, bodies: readonly unknown[]): Promise<void> {
  const batches = batchesOf(bodies);
  for (const [index, batch] of batches.entries()) {
    try {
      await pRetry(() => sendOnce(queue, batch), RETRY);
    } catch (error) {
      const isSilent = error instanceof TimeoutError;
      const unsent = isSilent ? batches.slice(index).flat() : batch;
      logError("messages.not_sent", error, { count: unsent.length });
      if (isSilent) return;
    }
  }
}

async function sendOnce(queue: Queue, batch: readonly unknown[]): Promise<void> {
  const sent = queue.sendBatch(batch.map((body) => ({ body, contentType: "json" })));
  await pTimeout(sent, { milliseconds: ANSWERS_WITHIN_MS }).catch((error: unknown) => {
    throw error instanceof TimeoutError ? new AbortError(error) : error;
  });
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
