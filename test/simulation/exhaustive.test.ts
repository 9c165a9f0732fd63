import { expect, it } from "vitest";
import type { Effects, Join } from "../../shared/model/plan.ts";
import { allShapes, nodeName, planOf, RELATIONS, type Shape } from "./graphs.ts";
import type { Ending } from "./oracle.ts";
import { createPrng } from "./prng.ts";
import { simulate } from "./simulator.ts";
import type { Scenario } from "./scenario.ts";

/** Ways to fill a shape with relations, joins, effects and endings that are tried for each shape. */
const FILLINGS = Number(process.env["FILLINGS"] ?? 16);

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

it("there are 40 graphs of up to four nodes", () => {
  expect([1, 2, 3, 4].map((size) => allShapes(4).filter((shape) => shape.size === size).length)).toEqual([1, 2, 6, 31]);
});

it(
  "every graph of up to four nodes ends right, whatever the await at which the process dies and whichever message comes twice",
  { timeout: 300_000 },
  () => {
    let schedules = 0;
    let crashPoints = 0;
    for (const shape of allShapes(4)) {
      for (let filling = 0; filling < FILLINGS; filling += 1) {
        const scenario = filled(shape, filling);
        const { points, messages } = simulate(scenario, { seed: filling, chaos: 0 });
        crashPoints += points;
        for (let duplicateAt = 0; duplicateAt <= messages; duplicateAt += 1) {
          for (let crashAt = 1; crashAt <= points; crashAt += 1) {
            for (const onCrash of ["lose", "keep"] as const) {
              simulate(scenario, { seed: filling, chaos: 0, crashAt, duplicateAt, onCrash });
              schedules += 1;
            }
          }
        }
      }
    }
    console.log(
      `exhaustive: ${schedules} schedules, ${crashPoints} places to crash, ${allShapes(4).length} graphs, ${FILLINGS} fillings each`,
    );
    expect(schedules).toBeGreaterThan(40 * FILLINGS * 50);
  },
);
