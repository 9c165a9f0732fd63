import { afterEach, expect, it, vi } from "vitest";
import type { RunnerEnv } from "../../../shared/env.ts";
import { createObjectPorts } from "../../../workers/runner/object-ports.ts";

afterEach(() => {
  vi.useRealTimers();
});

it("a queue that does not tell how old its messages are counts as empty after a second: the alarm goes on and sends", async () => {
  vi.useFakeTimers();
  const silent = { metrics: () => new Promise(() => undefined) };
  const told = { metrics: () => Promise.resolve({ backlogCount: 1, oldestMessageTimestamp: new Date(5) }) };
  const oldest = (steps: unknown, io: unknown) => createObjectPorts({ STEPS: steps, IO: io } as unknown as RunnerEnv).oldestMessageAt(); // no more is asked for
  const both = Promise.all([oldest(silent, silent), oldest(silent, told)]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await both).toEqual([Number.POSITIVE_INFINITY, 5]);
});
