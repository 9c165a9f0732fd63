import { describe, expect, it } from "vitest";
import { claim } from "../../../shared/ledger/claim.ts";
import { asksForBacklog, nextSweepAt, sweep } from "../../../shared/ledger/sweep.ts";
import { planOf } from "../../simulation/graphs.ts";
import { failed, play, succeeded, T0 } from "./play.ts";

const one = (effects: "pure" | "idempotent" | "once", onUnknown: "fail" | "hold" = "fail") =>
  planOf([{ name: "a", effects, onUnknown, retry: { attempts: 2 } }], []);

describe("a lease", () => {
  it.each(["pure", "idempotent", "once"] as const)("keeps a second runner away (%s)", (effects) => {
    const run = play(one(effects));
    run.take("a");
    expect(claim(run.ledger, ["a"])).toEqual([{ kind: "skip", step: "a", why: "leased" }]);
  });

  it("is void at once in another process, and the zombie's failure is refused", () => {
    const run = play(one("idempotent"));
    const zombie = run.take("a");
    const restarted = run.reopen("boot-2");
    const second = restarted.take("a");
    expect(second).toMatchObject({ attempt: 1, generation: 0 });
    expect(restarted.end(zombie, failed())).toBe(1);
    expect(restarted.end(zombie, succeeded(zombie))).toBe(1);
    expect(restarted.end(second, succeeded(second))).toBe(0);
    expect(restarted.ledger.state?.ended?.status).toBe("succeeded");
  });

  it("survives an eviction while it is durable", () => {
    const run = play(one("idempotent"));
    run.take("a");
    expect(claim(run.reopen().ledger, ["a"])).toEqual([{ kind: "skip", step: "a", why: "leased" }]);
  });

  it("does not matter for the success of a pure part, but for its failure", () => {
    const run = play(one("pure"));
    const zombie = run.take("a");
    run.clock.now += 31_000;
    run.take("a");
    expect(run.end(zombie, failed())).toBe(1);
    expect(run.end(zombie, succeeded(zombie))).toBe(0);
    expect(run.end(zombie, succeeded(zombie))).toBe(1);
  });

  it("never has a number that was given before, though the clock jumped back or stood still", () => {
    const run = play(one("idempotent"));
    const first = run.take("a").lease;
    run.clock.now += 25_001;
    const second = run.take("a").lease;
    run.clock.now -= 3_600_000;
    const third = run.reopen("boot-2").take("a").lease;
    expect(new Set([first, second, third]).size).toBe(3);
  });

  it("runs the attempt again after a crash without counting it, and suspects the step at the second crash", () => {
    const run = play(one("idempotent"));
    run.take("a");
    const second = run.reopen("boot-2");
    expect(second.take("a").attempt).toBe(1);
    expect(second.ledger.state?.steps.get("a")?.crashSuspect).toBe(false);
    const third = run.reopen("boot-3");
    expect(third.take("a").attempt).toBe(1);
    expect(third.ledger.state?.steps.get("a")?.crashSuspect).toBe(true);
  });
});

describe("a once step whose process died", () => {
  it("is not given out again but fails, if the policy says so", () => {
    const run = play(one("once"));
    run.take("a");
    const restarted = run.reopen("boot-2");
    expect(claim(restarted.ledger, ["a"])).toEqual([{ kind: "skip", step: "a", why: "not_ready" }]);
    expect(restarted.ledger.state?.ended).toMatchObject({ status: "failed", error: { code: "step.unknown_outcome", node: "a" } });
  });

  it("is held as unknown, if the policy says so, until its runner comes back", () => {
    const run = play(one("once", "hold"));
    const zombie = run.take("a");
    const restarted = run.reopen("boot-2");
    claim(restarted.ledger, ["a"]);
    expect(restarted.status("a")).toBe("unknown");
    expect(restarted.ledger.state?.ended).toBeUndefined();
    expect(restarted.end(zombie, succeeded(zombie))).toBe(0);
    expect(restarted.ledger.state?.ended?.status).toBe("succeeded");
  });
});

describe("the alarm", () => {
  it("hints a step again whose message was lost, each time after twice as long", () => {
    const run = play(one("pure"));
    const rings: number[] = [];
    for (let count = 0; count < 3; count += 1) {
      run.clock.now = nextSweepAt(run.ledger);
      rings.push(run.clock.now - T0);
      expect(sweep(run.ledger).hints.map(({ hint }) => hint.step)).toEqual(["a"]);
    }
    expect(rings).toEqual([5000, 15_000, 35_000]);
  });

  it("neither doubles a hint that lies in the backlog, nor rings at once again", () => {
    const run = play(one("pure"));
    run.clock.now += 5000;
    expect(sweep(run.ledger, T0 - 1).hints).toEqual([]);
    expect(nextSweepAt(run.ledger)).toBe(T0 + 10_000);
  });

  it("hints a step again when the clock has gone back, as if its message had been sent long ago", () => {
    const run = play(one("pure"));
    run.clock.now -= 7_200_000;
    expect(nextSweepAt(run.ledger)).toBe(run.clock.now + 5000);
    run.clock.now += 5000;
    expect(asksForBacklog(run.ledger)).toBe(true);
    expect(sweep(run.ledger).hints.map(({ hint }) => hint.step)).toEqual(["a"]);
  });

  it("sends hints again although the window is full of lost ones, and then the rest", () => {
    const names = Array.from({ length: 300 }, (_, index) => `n${index}`);
    const run = play(
      planOf(
        names.map((name) => ({ name })),
        [],
      ),
    );
    expect(run.ledger.hinted.size).toBe(256);
    run.clock.now = nextSweepAt(run.ledger);
    expect(sweep(run.ledger).hints.length).toBe(256);
    for (const name of names.slice(0, 256)) run.run(name);
    expect(names.slice(256).every((name) => run.ledger.hinted.has(name))).toBe(true);
  });
});
