/** How much lies in the queues. Runtimes that do not tell (older local ones) are passed over. */
import type { QueueGauge } from "../metrics.ts";

export async function readGauges(queues: Readonly<Record<string, Queue>>, nowMs: number): Promise<readonly QueueGauge[]> {
  const gauges = await Promise.all(Object.entries(queues).map(([name, queue]) => readGauge(name, queue, nowMs)));
  return gauges.filter((gauge) => gauge !== undefined);
}

async function readGauge(name: string, queue: Queue, nowMs: number): Promise<QueueGauge | undefined> {
  try {
    const { backlogCount, oldestMessageTimestamp: oldest } = await queue.metrics();
    const oldestMs = oldest === undefined || oldest.getTime() <= 0 ? 0 : Math.max(0, nowMs - oldest.getTime());
    return { queue: name, backlog: backlogCount, oldestSeconds: oldestMs / 1000 };
  } catch {
    return undefined;
  }
}
