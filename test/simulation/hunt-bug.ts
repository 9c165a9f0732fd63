/** Looks for the schedule that finds a planted bug. */
import { buildMutant } from "./build-mutant.ts";
import type { Mutation } from "./mutation.ts";

export type Hunt = { readonly schedules: number; readonly found: unknown };

/** `found` is what was thrown, undefined after `most` schedules without anything. */
export async function huntBug(mutation: Mutation, most: number): Promise<Hunt> {
  const { simulate, randomScenario } = await buildMutant(mutation);
  for (let seed = 1; seed <= most; seed += 1) {
    try {
      simulate(randomScenario(seed), { seed, chaos: 1 });
    } catch (found) {
      return { schedules: seed, found };
    }
  }
  return { schedules: most, found: undefined };
}
