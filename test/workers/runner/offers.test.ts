import { expect, it } from "vitest";
import type { Assignment } from "../../../shared/run-api.ts";
import { createOffers } from "../../../workers/runner/offers.ts";

const offer = (step: string, run = "r") => ({ step, run: { tenant: "t", id: run } }) as unknown as Assignment; // no more of it is looked at
const hint = (step: string, run = "r") => ({ v: 1, tenant: "t", run, step }) as const;

it("an offer is taken once, by the message of its own step", () => {
  const offers = createOffers(() => 0);
  offers.keep([offer("a"), offer("b")]);
  expect([offers.take(hint("a", "other")), offers.take(hint("a"))?.step, offers.take(hint("a"))]).toEqual([undefined, "a", undefined]);
  expect(offers.take(hint("b"))?.step).toBe("b");
});

it("an offer is not good for longer than its hint", () => {
  let now = 0;
  const offers = createOffers(() => now);
  offers.keep([offer("a"), offer("b")]);
  now = 4999;
  expect(offers.take(hint("a"))?.step).toBe("a");
  now = 5000;
  expect(offers.take(hint("b"))).toBeUndefined();
});

it("a thousand offers are kept, the oldest go first", () => {
  const offers = createOffers(() => 0);
  offers.keep(Array.from({ length: 1001 }, (_, n) => offer(String(n))));
  expect([offers.take(hint("0")), offers.take(hint("1"))?.step, offers.take(hint("1000"))?.step]).toEqual([undefined, "1", "1000"]);
});
