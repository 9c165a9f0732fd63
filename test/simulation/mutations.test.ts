import { describe, expect, it } from "vitest";
import { buildMutant } from "./build-mutant.ts";
import { MUTATIONS } from "./mutations.ts";
import { randomScenario as randomHealthy } from "./random-scenario.ts";
import { simulate as simulateHealthy } from "./simulator.ts";
import { Violation } from "./violation.ts";

const SCHEDULES = 20_000;

describe("the simulator finds planted bugs", () => {
  it.each(MUTATIONS)("$bug", async (mutation) => {
    const { simulate, randomScenario } = await buildMutant(mutation);
    let found: unknown;
    let schedules = 0;
    for (let seed = 1; seed <= SCHEDULES && found === undefined; seed += 1) {
      schedules = seed;
      try {
        simulate(randomScenario(seed), { seed, chaos: 1 });
      } catch (thrown) {
        found = thrown;
      }
    }
    if (process.env["VERBOSE"] !== undefined) console.log(`${mutation.bug}: ${schedules} schedules, ${String(found)}`);
    // The engine itself must pass that very schedule, else nothing was proved.
    expect(() => simulateHealthy(randomHealthy(schedules), { seed: schedules, chaos: 1 })).not.toThrow();
    // The mutant has a class of its own; its name tells a violation from a crash of the test.
    expect(String(found), `after ${schedules} schedules`).toMatch(new RegExp(`^(${Violation.name}|Error|RangeError)`));
  });
});
