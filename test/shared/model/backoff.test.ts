import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retryDelayMs } from "../../../shared/model/backoff.ts";
import type { RetryPolicy } from "../../../shared/model/plan.ts";

const policy: RetryPolicy = { attempts: 5, backoff: "exponential", initialMs: 1000, maxMs: 5000, jitter: false };
const again = { code: "egress.failed", message: "", retryable: true };
const never = { code: "part.trapped", message: "", retryable: false };

describe("the delay before the next attempt", () => {
  it.each([
    ["exponential", [1000, 2000, 4000, 5000, undefined]],
    ["linear", [1000, 2000, 3000, 4000, undefined]],
    ["constant", [1000, 1000, 1000, 1000, undefined]],
  ] as const)("grows in the %s way up to the maximum and ends with the budget", (backoff, delays) => {
    expect([1, 2, 3, 4, 5].map((attempt) => retryDelayMs({ ...policy, backoff }, attempt, again, 0))).toEqual(delays);
  });

  it("is at least half of the plain one with jitter, and never more", () => {
    const jittered = { ...policy, jitter: true };
    expect([0, 0.5, 0.999].map((random) => retryDelayMs(jittered, 2, again, random))).toEqual([1000, 1500, 1999]);
  });

  it("obeys a Retry-After that is longer, up to a day", () => {
    const after = (retryAfterMs: number) => retryDelayMs(policy, 1, { ...again, retryAfterMs }, 0);
    expect([after(500), after(7000), after(10 * 86_400_000)]).toEqual([1000, 7000, 86_400_000]);
  });

  it("is a finite number for any policy and attempt", () => {
    const arbitrary = fc.record({
      attempts: fc.integer({ min: 1, max: 100 }),
      backoff: fc.constantFrom("exponential" as const, "linear" as const, "constant" as const),
      initialMs: fc.nat(86_400_000),
      maxMs: fc.nat(86_400_000),
      jitter: fc.boolean(),
    });
    fc.assert(
      fc.property(
        arbitrary,
        fc.integer({ min: 1, max: 100 }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (any, attempt, random) => {
          const delay = retryDelayMs(any, attempt, again, random);
          return attempt >= any.attempts ? delay === undefined : Number.isInteger(delay) && (delay ?? -1) >= 0 && (delay ?? 0) <= any.maxMs;
        },
      ),
    );
  });
});

describe("what is tried again", () => {
  it("is what says of itself that it is retryable", () => {
    expect([again, never].map((error) => retryDelayMs(policy, 1, error, 0))).toEqual([1000, undefined]);
  });

  it.each([
    ["part.trapped", never, 1000],
    ["part.", never, 1000],
    ["part", never, undefined],
    ["egress.", never, undefined],
    ["part.trapped", again, undefined],
  ])("is exactly what `on: [%s]` names", (code, error, delay) => {
    expect(retryDelayMs({ ...policy, on: [code] }, 1, error, 0)).toBe(delay);
  });
});
