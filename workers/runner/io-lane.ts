/**
 * The two lanes. Pure steps are executed within the consumer. Steps that call out run in a method of a WorkerEntrypoint: in
 * production the consumer awaits it; on one machine, where the broker hands out one batch at a time and would wait for the slowest
 * call, the method answers at once and works on in its own `waitUntil`. The durable lease, not the ack, protects the step.
 */
import type { Assignment } from "../../shared/run-api.ts";
import type { Lane } from "./consume.ts";
import { executeAndSettle } from "./settle-batch.ts";

export type IoService = { run(assignments: readonly Assignment[]): Promise<void> };

export const MAX_DETACHED_STEPS = 64;

/** How many steps this process works on beside its consumers. */
export type InFlight = { count: number };

export const stepsLane: Lane = { hasRoom: () => true, execute: executeAndSettle };

export function createIoLane(service: IoService, inFlight: InFlight): Lane {
  return {
    hasRoom: () => inFlight.count < MAX_DETACHED_STEPS,
    async execute(assignments) {
      await Promise.all(assignments.map((assignment) => service.run([assignment])));
    },
  };
}
