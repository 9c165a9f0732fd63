/** What `npm run prove` loads: the simulator, one piece of work at a time. */
import { randomScenario } from "./random-scenario.ts";
import { simulate } from "./simulator.ts";

export { exhaust } from "./exhaustive.ts";
export { huntBug } from "./hunt-bug.ts";
export { MUTATIONS } from "./mutations.ts";

/** One schedule; gives what was thrown. */
export function failureOf(seed: number): unknown {
  try {
    simulate(randomScenario(seed), { seed, chaos: 1 });
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}
