/** Small loops of every kind, and a crash at every await of each. */
import { expect, it } from "vitest";
import { compileSimulated } from "./loop-scenario.ts";
import type { Scenario } from "./scenario.ts";
import type { NodeScript } from "./script.ts";
import { simulate } from "./simulator.ts";

const OK: NodeScript = { ending: { kind: "success" }, pauses: [], failures: 0 };
const FAILS: NodeScript = { ...OK, ending: { kind: "fail", code: "paper.jam" } };
const ASKS: NodeScript = { ...OK, pauses: ["answer"] };

const FLOWS: Readonly<Record<string, readonly string[]>> = {
  gathered: ["input >> PIPE >> a", "a >> FOREACH x >> b", "b >> GATHER >> c"],
  bare: ["input >> PIPE >> a", "a >> FOREACH x >> b", "b >> PIPE >> c"],
  ordered: ["input >> PIPE >> a", "a >> FOREACH x >> b", "a >> PIPE >> c"],
  handled: ["input >> PIPE >> a", "a >> FOREACH x >> b", "b >> ON_FAIL >> c", "a >> ON_FAIL >> c"],
  "of the input": ["input >> FOREACH x >> a", "a >> ON_SUCCESS >> b", "a >> ON_FAIL >> c", "b >> GATHER >> d", "c >> GATHER >> d"],
  nested: ["input >> FOREACH x >> a", "a >> FOREACH y >> b", "b >> GATHER >> c", "c >> GATHER >> d"],
  "in turn": ["input >> PIPE >> a", "a >> FOREACH x >> b", "a >> FOREACH y >> c", "c >> GATHER >> d"],
};
const SIZES = [0, 1, 3];
const BODIES = [OK, FAILS, ASKS];
const EFFECTS = ["pure", "once_pausing"];

function* scenarios(): Generator<Scenario> {
  for (const flow of Object.values(FLOWS)) {
    for (const list of SIZES) {
      for (const [index, body] of BODIES.entries()) {
        const names = [...new Set(flow.flatMap((line) => line.split(" >> ").filter((_, at) => at !== 1)))].filter(
          (name) => name !== "input",
        );
        const effects = EFFECTS[(list + index) % EFFECTS.length];
        const component = body === ASKS ? "idempotent_pausing" : effects;
        const plan = compileSimulated({
          flow,
          config: Object.fromEntries(names.map((name) => [name, { component: name === "b" ? component : "pure" }])),
          policy: { a: { foreach: { concurrency: 2, on_item_failure: index === 1 && list === 3 ? "stop" : "continue" } } },
        });
        // The middle item does what the case is about.
        const script = new Map<string, NodeScript>([
          ["input", { ...OK, list }],
          ["a", { ...OK, list: Math.min(list, 2) }],
          ["b", body],
          ["b#0", OK],
          ["b#2", OK],
        ]);
        yield { plan, script };
      }
    }
  }
}

it(
  "every small loop ends right, whatever the await at which the process dies and whichever message comes twice",
  { timeout: 900_000 },
  () => {
    let schedules = 0;
    for (const scenario of scenarios()) {
      const { points, messages } = simulate(scenario, { seed: 1, chaos: 0 });
      for (let crashAt = 1; crashAt <= points; crashAt += 1) {
        for (const onCrash of ["lose", "keep"] as const) {
          simulate(scenario, { seed: 1, chaos: 0, crashAt, onCrash, duplicateAt: 1 + (crashAt % Math.max(1, messages)) });
          schedules += 1;
        }
      }
    }
    console.log(`exhaustive loops: ${schedules} schedules`);
    expect(schedules).toBeGreaterThan(2000);
  },
);
