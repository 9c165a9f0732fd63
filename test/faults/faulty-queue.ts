/** A producer binding that loses, doubles, delays and reorders what is sent through it, and that fails in all the ways a send can fail. */
import type { Faults, QueueFaults } from "./fault-plan.ts";

type Sent = MessageSendRequest<unknown>;

const MAX_COPIES = 5;
const MAX_BATCH = 100;
/** As long as it was seen in production. */
const HANG_MS = 60_000;

export function createFaultyQueue(queue: Queue, plan: QueueFaults, faults: Faults): Queue {
  const held: Sent[] = [];
  let deafUntil: number | undefined;

  /** What becomes of a message: none, one or more to be sent. */
  function fateOf(message: Sent): readonly Sent[] {
    if (faults.strikes("drop", Date.now() < (deafUntil ?? 0) ? 1 : plan.drop)) return [];
    if (faults.strikes("hold", plan.hold)) {
      held.push(message);
      return [];
    }
    const copies = faults.strikes("double", plan.double) ? faults.random.int(2, MAX_COPIES) : 1;
    return Array.from({ length: copies }, () =>
      faults.strikes("delay", plan.delay) ? { ...message, delaySeconds: faults.random.int(1, plan.delaySeconds) } : message,
    );
  }

  async function send(messages: readonly Sent[]): Promise<QueueSendBatchResponse> {
    deafUntil ??= Date.now() + (plan.deafMs ?? 0);
    if (faults.strikes("hang", plan.hang)) await scheduler.wait(HANG_MS);
    if (faults.strikes("refuse", plan.refuse)) throw new Error("Queue is overloaded. Please back off.");
    const before = held.splice(0);
    const out = [...messages.flatMap(fateOf), ...before];
    for (let from = 0; from < out.length; from += MAX_BATCH) await queue.sendBatch(out.slice(from, from + MAX_BATCH));
    faults.count("send");
    if (faults.strikes("deceive", plan.deceive)) throw new Error("Queue send failed: Internal Server Error");
    return { metadata: { metrics: await queue.metrics() } };
  }

  return {
    send: (body, options) => send([{ body, ...options }]),
    sendBatch: (messages, options) => send([...messages].map((message) => ({ ...options, ...message }))),
    async metrics() {
      if (faults.strikes("hang", plan.hang)) await scheduler.wait(HANG_MS);
      return queue.metrics();
    },
  };
}
