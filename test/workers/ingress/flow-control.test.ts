import { describe, expect, it } from "vitest";
import { createStartRate } from "../../../shared/start-rate.ts";
import { HttpProblem } from "../../../shared/http/problem.ts";
import { ids, runView, summary } from "../fake-stores.ts";
import { pushed, TRIGGER } from "./fake-ingress.ts";

const OTHER = ids.runId("default", "other");
const SINGLE = { policy: { run: { singleton: { key: "{{input.account}}", mode: "skip" } } } };
const going = () => Promise.resolve(runView({ summary: summary({ runId: OTHER, version: "v7", status: "waiting" }) }));

describe("a delivery of a singleton", () => {
  it("starts nothing while another run goes: it is answered with that one's id, whether or not it waits", async () => {
    const { call, started } = await pushed(SINGLE, { view: going }, { singleton: { kind: "going", runId: OTHER } });
    const answers = [
      await call("POST", TRIGGER, { body: { account: 1 } }),
      await call("POST", `${TRIGGER}?wait=5`, { body: { account: 1 } }),
    ];
    const skipped = {
      success: true,
      run_id: OTHER,
      workflow: "w",
      version: "v7",
      status: "waiting",
      status_url: `http://arcrun.test/runs/${OTHER}`,
      skipped: true,
    };
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [202, skipped],
      [202, skipped],
    ]);
    expect(started()).toEqual([]);
  });

  it("is refused for the moment while another one is just about to start", async () => {
    const { call, started } = await pushed(SINGLE, {}, { singleton: { kind: "starting" } });
    expect((await call("POST", TRIGGER, { body: { account: 1 } })).body).toMatchObject({
      status: 503,
      code: "engine_unavailable",
      retryable: true,
    });
    expect(started()).toEqual([]);
  });

  it("that came before is its own run, whatever goes now", async () => {
    const { call, started } = await pushed(
      SINGLE,
      { wait: () => Promise.resolve("succeeded") },
      { singleton: { kind: "going", runId: OTHER } },
    );
    await call("POST", TRIGGER, { body: { account: 1 }, headers: { "idempotency-key": "k" } });
    expect(started()).toHaveLength(1);
  });
});

describe("a flood of deliveries", () => {
  it("is answered 429 with the seconds to wait, and starts no more runs than allowed", async () => {
    const { call, started } = await pushed({}, {}, { startRate: 2 });
    const answers = [];
    for (let n = 0; n < 3; n += 1) answers.push(await call("POST", TRIGGER, { body: {} }));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 429]);
    expect(answers[2]?.body).toMatchObject({ code: "rate_limited", retryable: true });
    expect(answers[2]?.headers.get("retry-after")).toBe("5");
    expect(started()).toHaveLength(2);
  });

  it("goes on at the allowed rate, and leaves other tenants alone", () => {
    const clock = { now: 0 };
    const rate = createStartRate(100, () => clock.now);
    const starts = (tenant: string, wanted: number): number => {
      for (let n = 0; n < wanted; n += 1) {
        try {
          rate.take(tenant);
        } catch (thrown) {
          if (!(thrown instanceof HttpProblem)) throw thrown;
          return n;
        }
      }
      return wanted;
    };
    expect([starts("a", 1000), starts("b", 10)]).toEqual([100, 10]);
    clock.now += 1000;
    expect([starts("a", 1000), starts("b", 1000)]).toEqual([10, 100]);
    clock.now += 60_000;
    expect(starts("a", 1000)).toBe(100);
  });
});
