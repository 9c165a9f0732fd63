import { describe, expect, it } from "vitest";
import { huntBug } from "./hunt-bug.ts";
import { MUTATIONS } from "./mutations.ts";
import { randomScenario } from "./random-scenario.ts";
import { simulate } from "./simulator.ts";
import { Violation } from "./violation.ts";

const SCHEDULES = 20_000;

describe("the simulator finds planted bugs", () => {
  it.each(MUTATIONS)("$bug", async (mutation) => {
    const { found, schedules } = await huntBug(mutation, SCHEDULES);
    if (process.env["VERBOSE"] !== undefined) console.log(`${mutation.bug}: ${schedules} schedules, ${String(found)}`);
    // The engine itself must pass that very schedule, else nothing was proved.
    expect(() => simulate(randomScenario(schedules), { seed: schedules, chaos: 1 })).not.toThrow();
    // The mutant has a class of its own; its name tells a violation from a crash of the test.
    expect(String(found), `after ${schedules} schedules`).toMatch(new RegExp(`^(${Violation.name}|Error|RangeError)`));
  });
});
