/** Small graphs of every shape, and for each of them every await at which the process may die and every message that may come twice. */
import type { Effects, Join } from "../../shared/model/plan.ts";
import { allShapes, nodeName, planOf, RELATIONS, type Shape } from "./graphs.ts";
import type { Ending } from "./oracle.ts";
import { createPrng } from "./prng.ts";
import type { Scenario, SimulationOptions } from "./scenario.ts";
import { simulate } from "./simulator.ts";

const ENDINGS: readonly Ending[] = [
  { kind: "success", branch: "true" },
  { kind: "success" },
  { kind: "fail", code: "paper.jam" },
  { kind: "fail", code: "part.failed" },
];
const JOINS: readonly Join[] = [{ kind: "settled" }, { kind: "all" }, { kind: "any" }, { kind: "quorum", count: 2 }];
const EFFECTS: readonly Effects[] = ["pure", "idempotent", "once"];

/** What a node may do before it ends. */
const STRAIGHT = { pauses: [] } as const;
const DETOURS = [
  ...Array.from({ length: 8 }, () => STRAIGHT),
  { pauses: ["answer"] },
  { pauses: [], calls: ["effect", "effect"] },
  { pauses: [], calls: ["address", "sleep", "callback", "effect"] },
  { pauses: [], awaits: { runs: 2, wanted: 1, stopsAtFailure: false, isOwner: true, slot: 0 } },
  { pauses: [], calls: ["run", "effect"] },
] as const;

/** The first filling is the plain one: every edge ON_SUCCESS, every node succeeds. */
function filled({ size, pairs }: Shape, filling: number): Scenario {
  const random = createPrng(filling * 7919 + size);
  const pick = <T>(items: readonly T[], plain: T): T => (filling === 0 ? plain : random.pick(items));
  const edges = pairs.map(([from, to]) => ({ from: nodeName(from), to: nodeName(to), relation: pick(RELATIONS, { kind: "success" }) }));
  const nodes = Array.from({ length: size }, (_, index) => ({
    name: nodeName(index),
    join: pick(JOINS, { kind: "settled" }),
    effects: pick(EFFECTS, "pure"),
  }));
  const plan = planOf(nodes, edges);
  const script = new Map(
    nodes.map(({ name }) => [
      name,
      { ending: pick(ENDINGS, { kind: "success" }), failures: 0, ...(filling === 0 ? STRAIGHT : random.pick(DETOURS)) },
    ]),
  );
  return {
    plan: { ...plan, vertices: plan.vertices.map((vertex) => ({ ...vertex, mayPause: true })) },
    script,
    isOwned: filling % 3 === 1,
  };
}

export type Exhausted = { readonly schedules: number; readonly crashPoints: number; readonly shapes: number };

/** Goes through all graphs of `smallest` to `largest` nodes, each with so many fillings. The report grows with every filling. */
export function* exhaust(fillings: number, smallest: number, largest: number): Generator<Exhausted> {
  let [schedules, crashPoints, shapes] = [0, 0, 0];
  for (const shape of allShapes(largest).filter(({ size }) => size >= smallest)) {
    shapes += 1;
    for (let filling = 0; filling < fillings; filling += 1) {
      const scenario = filled(shape, filling);
      const run = (more: Partial<SimulationOptions>) => {
        try {
          return simulate(scenario, { seed: filling, chaos: 0, ...more });
        } catch (cause) {
          throw new Error(`graph ${JSON.stringify(shape)}, filling ${filling}, ${JSON.stringify(more)}: ${String(cause)}`, { cause });
        }
      };
      const { points, messages } = run({});
      crashPoints += points;
      for (let duplicateAt = 0; duplicateAt <= messages; duplicateAt += 1) {
        for (let crashAt = 1; crashAt <= points; crashAt += 1) {
          for (const onCrash of ["lose", "keep"] as const) run({ crashAt, duplicateAt, onCrash });
          schedules += 2;
        }
      }
      yield { schedules, crashPoints, shapes };
    }
  }
}
