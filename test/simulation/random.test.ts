import { expect, it } from "vitest";
import { randomScenario } from "./random-scenario.ts";
import { simulate } from "./simulator.ts";
import { FAULT_KINDS } from "./world.ts";

const SCHEDULES = Number(process.env["SCHEDULES"] ?? 20_000);
/** `SEED=123 SCHEDULES=1` replays one schedule. */
const FIRST_SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 1_000_000_000));

it(`${SCHEDULES} random schedules of faults keep every invariant and come to an end`, { timeout: 600_000 }, () => {
  const totals = new Map<string, number>();
  const add = (name: string, count: number) => totals.set(name, (totals.get(name) ?? 0) + count);
  const startedAt = performance.now();
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed += 1) {
    try {
      const report = simulate(randomScenario(seed), { seed, chaos: 1 });
      for (const [kind, count] of Object.entries(report.counts)) add(kind, count);
      for (const name of [report.status, ...report.transitions]) add(name, 1);
      add("executions", report.executions);
    } catch (thrown) {
      throw new Error(`seed ${seed} fails; replay it with SEED=${seed} SCHEDULES=1 npx vitest run test/simulation/random.test.ts`, {
        cause: thrown,
      });
    }
  }
  const perSecond = Math.round((SCHEDULES * 1000) / (performance.now() - startedAt));
  console.log(`random: seeds from ${FIRST_SEED}, ${perSecond} schedules/s, ${JSON.stringify(Object.fromEntries(totals))}`);
  if (SCHEDULES >= 2000) proveBusy(totals);
});

/** A simulator that injects nothing finds nothing. */
function proveBusy(totals: ReadonlyMap<string, number>): void {
  for (const kind of FAULT_KINDS) expect(totals.get(kind) ?? 0, kind).toBeGreaterThan(SCHEDULES / 200);
  for (const status of ["succeeded", "failed", "cancelled"]) expect(totals.get(status) ?? 0, status).toBeGreaterThan(SCHEDULES / 100);
  expect(totals.get("executions") ?? 0).toBeGreaterThan(2 * SCHEDULES);
}

it("the same seed gives the same schedule", () => {
  const run = () => simulate(randomScenario(7), { seed: 7, chaos: 1 });
  expect(run()).toEqual(run());
});
