import { afterEach, describe, expect, it, vi } from "vitest";
import { batchesOf, createHints } from "../../../shared/adapters/queue-hints.ts";
import type { LaneHint } from "../../../shared/message.ts";

const hint = (lane: "steps" | "io", step: string): LaneHint => ({ lane, hint: { v: 1, tenant: "t", run: "r", step } });

/** A queue that fails so often before it takes anything. */
function fakeQueue(failures = 0) {
  const taken: unknown[][] = [];
  let left = failures;
  const sendBatch = (messages: Iterable<{ body: unknown }>) => {
    if (left-- > 0) return Promise.reject(new Error("not now"));
    taken.push([...messages].map(({ body }) => body));
    return Promise.resolve();
  };
  // Only `sendBatch` is called.
  return { taken, queue: { sendBatch } as unknown as Queue };
}

/** It takes messages and never says so. */
function silentQueue() {
  const asked = vi.fn<Queue["sendBatch"]>(() => new Promise(() => undefined));
  return { asked, queue: { sendBatch: asked } as unknown as Queue }; // only `sendBatch` is called
}

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("hints", () => {
  it("go to the queue of their lane in one batch", async () => {
    const [steps, io] = [fakeQueue(), fakeQueue()];
    await createHints({ steps: steps.queue, io: io.queue }).send([hint("steps", "a"), hint("io", "b"), hint("steps", "c")]);
    expect([steps.taken, io.taken]).toEqual([[[hint("steps", "a").hint, hint("steps", "c").hint]], [[hint("io", "b").hint]]]);
  });

  it("are sent again a few times, and given up without a throw", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const [shaky, dead] = [fakeQueue(2), fakeQueue(1000)];
    await createHints({ steps: shaky.queue, io: dead.queue }).send([hint("steps", "a"), hint("io", "b")]);
    expect([shaky.taken.length, dead.taken.length, log.mock.calls.length]).toEqual([1, 0, 1]);
  });

  it("to a queue that does not answer are given up within seconds, and not sent again; the other lane gets its own", async () => {
    vi.useFakeTimers();
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const [silent, io] = [silentQueue(), fakeQueue()];
    const many = Array.from({ length: 150 }, (_, i) => hint("steps", `s${i}`));
    let isDone = false;
    const sent = createHints({ steps: silent.queue, io: io.queue })
      .send([...many, hint("io", "b")])
      .then(() => (isDone = true));
    await vi.advanceTimersByTimeAsync(1900);
    expect([isDone, io.taken.length]).toEqual([false, 1]);
    await vi.advanceTimersByTimeAsync(200);
    await sent;
    expect(silent.asked.mock.calls).toHaveLength(1);
    expect(log.mock.calls.map(([line]) => JSON.parse(line))).toMatchObject([{ event: "messages.not_sent", count: 150 }]);
  });

  it("are not sent when there are none", async () => {
    const steps = fakeQueue();
    await createHints({ steps: steps.queue, io: steps.queue }).send([]);
    expect(steps.taken).toEqual([]);
  });
});

describe("batches", () => {
  it("hold at most 100 messages and 256 KB, in order", () => {
    const many = Array.from({ length: 250 }, (_, i) => i);
    expect(batchesOf(many).map((batch) => batch.length)).toEqual([100, 100, 50]);
    expect(batchesOf(many).flat()).toEqual(many);
    const large = Array.from({ length: 4 }, () => "x".repeat(100_000));
    expect(batchesOf(large).map((batch) => batch.length)).toEqual([2, 2]);
  });
});
