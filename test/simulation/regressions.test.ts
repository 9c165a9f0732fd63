/** Seeds of mistakes that were found once. `npm run prove` adds those that it finds. A seed stays when its mistake is mended. */
import { expect, it } from "vitest";
import { randomScenario } from "./random-scenario.ts";
import regressions from "./regressions.json" with { type: "json" };
import { simulate } from "./simulator.ts";

it.each(regressions)("Seed $seed, which failed once, keeps every invariant", ({ seed }) => {
  expect(simulate(randomScenario(seed), { seed, chaos: 1 }).status).toMatch(/^(succeeded|failed|cancelled)$/);
});

it("Each seed is there once", () => {
  const seeds = regressions.map(({ seed }) => seed);
  expect(new Set(seeds).size).toBe(seeds.length);
  expect(seeds.length).toBeGreaterThanOrEqual(7);
});
