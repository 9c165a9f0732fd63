/** Random graphs of up to nine nodes for property tests, with what each node ends with and in which order. */
import fc from "fast-check";
import type { Join, Plan } from "../../shared/model/plan.ts";
import { nodeName, planOf, RELATIONS } from "./graphs.ts";
import type { Ending } from "./oracle.ts";

export type Case = {
  readonly plan: Plan;
  readonly endings: ReadonlyMap<string, Ending>;
  /** Decides which of the ready nodes ends next. */ readonly order: readonly number[];
};

const relation = fc.constantFrom(...RELATIONS);
const ending: fc.Arbitrary<Ending> = fc.oneof(
  fc.constantFrom<Ending>({ kind: "success" }, { kind: "success", branch: "true" }, { kind: "success", branch: "false" }),
  fc.constantFrom<Ending>({ kind: "fail", code: "paper.jam" }, { kind: "fail", code: "part.failed" }),
);
const join: fc.Arbitrary<Join> = fc.oneof(
  fc.constantFrom<Join>({ kind: "settled" }, { kind: "all" }, { kind: "any" }),
  fc.integer({ min: 1, max: 4 }).map((count): Join => ({ kind: "quorum", count })),
);

export const graphCase: fc.Arbitrary<Case> = fc.integer({ min: 1, max: 9 }).chain((size) => {
  const pairs = Array.from({ length: size }, (_, to) =>
    Array.from({ length: to }, (__, from) => ({ from: nodeName(from), to: nodeName(to) })),
  ).flat();
  const edges = fc
    .tuple(fc.subarray(pairs), fc.array(relation, { minLength: pairs.length, maxLength: pairs.length }))
    .map(([chosen, relations]) => chosen.map((pair, index) => ({ ...pair, relation: relations[index] ?? { kind: "success" as const } })));
  const joins = fc.array(join, { minLength: size, maxLength: size });
  const ends = fc.array(ending, { minLength: size, maxLength: size });
  return fc
    .record({ edges, joins, ends, order: fc.array(fc.nat(8), { minLength: size, maxLength: size }) })
    .map(({ edges: specs, joins: rules, ends: outcomes, order }) => ({
      plan: planOf(
        Array.from({ length: size }, (_, index) => ({ name: nodeName(index), join: rules[index] ?? { kind: "settled" } })),
        specs,
      ),
      endings: new Map(outcomes.map((one, index) => [nodeName(index), one])),
      order,
    }));
});
