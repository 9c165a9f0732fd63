import { describe, expect, it } from "vitest";
import { deliver } from "../../examples/daemon/deliver.ts";

/** An engine that gives these answers, one after the other; `null` is a connection that breaks. The last one stays. */
function engineThatAnswers(...statuses: (number | null)[]) {
  const waits: number[] = [];
  const logged: string[] = [];
  let calls = 0;
  const send: typeof fetch = async () => {
    const status = statuses[Math.min(calls, statuses.length - 1)] ?? null;
    calls += 1;
    if (status === null) throw new TypeError("fetch failed");
    return new Response(null, { status });
  };
  const deps = { fetch: send, pause: async (ms: number) => void waits.push(ms), log: (text: string) => void logged.push(text) };
  return { waits, logged, calls: () => calls, deliver: () => deliver("http://127.0.0.1:1/cb", { task_id: "task_1" }, deps) };
}

describe("a daemon's answer", () => {
  it("is sent once when it is taken at once", async () => {
    const engine = engineThatAnswers(200);
    expect(await engine.deliver()).toBe(true);
    expect([engine.calls(), engine.waits]).toEqual([1, []]);
  });

  it("is sent again at 1 s, 5 s, 30 s and then hourly for a day, whatever keeps the engine from taking it", async () => {
    const engine = engineThatAnswers(null, 503, 429, 408, 500);
    expect(await engine.deliver()).toBe(false);
    expect(engine.waits).toEqual([1000, 5000, 30_000, ...Array.from({ length: 24 }, () => 3_600_000)]);
    expect(engine.logged).toEqual(["the answer of task_1 was not taken, for good: the engine answered 500"]);
  });

  it("stops being sent as soon as it is taken", async () => {
    const engine = engineThatAnswers(503, null, 200);
    expect(await engine.deliver()).toBe(true);
    expect(engine.waits).toEqual([1000, 5000]);
  });

  it.each([400, 401, 404, 409, 410, 422])("is not sent again after a refusal with %i", async (status) => {
    const engine = engineThatAnswers(status);
    expect(await engine.deliver()).toBe(false);
    expect([engine.calls(), engine.waits, engine.logged.length]).toEqual([1, [], 1]);
  });
});
