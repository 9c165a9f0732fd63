import { afterEach, describe, expect, it, vi } from "vitest";
import { createRunTeller } from "../../shared/run-teller.ts";
import type { RunSummary } from "../../shared/run-view.ts";
import { fakeRuns, summary } from "../workers/fake-stores.ts";

function world({ fails = false }: { readonly fails?: boolean } = {}) {
  const written: string[][] = [];
  const gates: (() => void)[] = [];
  const runs = fakeRuns({ repair: () => Promise.resolve() });
  const clock = { now: 0 };
  const upsert = async (summaries: readonly RunSummary[]) => {
    written.push(summaries.map(({ runId }) => runId));
    await new Promise<void>((resolve) => gates.push(resolve));
    if (fails) throw new Error("the index is away");
  };
  const teller = createRunTeller({ index: { upsert }, runs, now: () => clock.now, lingerMs: 0 });
  const tell = (runId: string) => teller.tell([summary({ runId })]);
  const finish = async () => {
    gates.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { tell, written, finish, clock, repaired: runs.touched };
}

describe("the teller", () => {
  it("writes at once when nobody else does, and resolves when it is written", async () => {
    const { tell, written, finish } = world();
    let isDone = false;
    const told = tell("a").then(() => (isDone = true));
    expect([written, isDone]).toEqual([[["a"]], false]);
    await finish();
    await told;
    expect(isDone).toBe(true);
  });

  it("writes what gathered meanwhile in one go, whoever brought it", async () => {
    const { tell, written, finish } = world();
    const first = tell("a");
    await Promise.all([tell("b"), tell("c")]); // undertaken by the first, so they need not wait
    expect(written).toEqual([["a"]]);
    await finish();
    expect(written).toEqual([["a"], ["b", "c"]]);
    await finish();
    await first;
  });

  it("hands what the index does not take back to the run objects", async () => {
    const { tell, finish, repaired } = world({ fails: true });
    const told = tell("a");
    await tell("b");
    await finish();
    await finish();
    await told;
    expect(repaired).toEqual(["a", "b"]);
  });

  it("takes over from a writer that never came back", async () => {
    const { tell, written, clock } = world();
    void tell("a");
    await tell("b");
    clock.now = 10_000;
    void tell("c");
    expect(written).toEqual([["a"], ["b", "c"]]);
  });

  it("waits two seconds for an index that does not answer, and then leaves it alone for five", async () => {
    vi.useFakeTimers();
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { tell, written, clock, repaired } = world();
    const told = tell("a");
    await vi.advanceTimersByTimeAsync(2000);
    await told;
    await tell("b");
    expect([written, repaired]).toEqual([[["a"]], ["a", "b"]]);
    clock.now += 5000;
    void tell("c");
    expect(written).toEqual([["a"], ["c"]]);
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});
