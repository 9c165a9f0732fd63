/** A random workflow of up to nine nodes with every kind of join, policy and effect, and what its nodes will do. */
import type { Effects, Plan } from "../../shared/model/plan.ts";
import { type EdgeSpec, nodeName, type NodeSpec, planOf, RELATIONS } from "./graphs.ts";
import { randomLoopScenario } from "./loop-scenario.ts";
import { createPrng, type Prng } from "./prng.ts";
import { randomScript } from "./script.ts";
import type { Scenario } from "./scenario.ts";

export function randomScenario(seed: number): Scenario {
  const random = createPrng(seed ^ 0x5ca1ab1e);
  if (seed % 3 === 0) return { ...randomLoopScenario(random), isOwned: random.chance(0.3) };
  const size = random.int(1, 9);
  const isLine = seed % 7 === 1;
  const edges = isLine ? lineEdges(size, random) : randomEdges(size, random);
  const nodes = Array.from({ length: size }, (_, index) => {
    const node = randomNode(random, nodeName(index), edges.filter(({ to }) => to === nodeName(index)).length);
    return isLine ? inLine(node, random) : node;
  });
  const plan = planOf(nodes, edges, {
    ...(random.chance(0.1) ? { timeoutMs: random.int(1000, 300_000) } : {}),
    ...(random.chance(0.3) ? { finalCallback: "https://example.com/done" } : {}),
  });
  return {
    plan: withSlots(plan, createPrng(seed ^ 0x510751)),
    script: randomScript(random, plan.vertices.slice(1)),
    isOwned: random.chance(0.3),
  };
}

function randomEdges(size: number, random: Prng): readonly EdgeSpec[] {
  const edges: EdgeSpec[] = [];
  for (let to = 1; to < size; to += 1) {
    for (let from = 0; from < to; from += 1)
      if (random.chance(1.6 / to)) edges.push({ from: nodeName(from), to: nodeName(to), relation: random.pick(RELATIONS) });
  }
  return edges;
}

/** One after the other, most of them; here and there another edge. */
const lineEdges = (size: number, random: Prng): readonly EdgeSpec[] =>
  Array.from({ length: size - 1 }, (_, from) => from).flatMap((from) => [
    { from: nodeName(from), to: nodeName(from + 1), relation: likely(random) },
    ...(from > 0 && random.chance(0.3) ? [{ from: nodeName(from - 1), to: nodeName(from + 1), relation: likely(random) }] : []),
  ]);
const likely = (random: Prng) => random.pick(RELATIONS.slice(0, random.chance(0.8) ? 2 : undefined));

/** Most compute, and many join without waiting for all. */
const inLine = (node: NodeSpec, random: Prng): NodeSpec => ({
  ...node,
  ...(random.chance(0.85) ? { effects: "pure", mayPause: false, delayMs: 0 } : {}),
  ...(random.chance(0.4) ? { join: { kind: "any" } } : {}),
});

/** Some nodes want slots of one key; some runs want one for themselves. */
function withSlots(plan: Plan, random: Prng): Plan {
  const limit = random.int(1, 2);
  const isLimited = random.chance(0.25);
  const vertices = plan.vertices.map((vertex, index) =>
    isLimited && index > 0 && random.chance(0.7) ? { ...vertex, concurrency: { key: "k", limit } } : vertex,
  );
  const run = random.chance(0.15) ? { ...plan.run, concurrency: { key: "k", limit: 1 } } : plan.run;
  return { ...plan, vertices, run };
}

function randomNode(random: Prng, name: string, incoming: number): NodeSpec {
  return {
    name,
    effects: random.pick<Effects>(["pure", "pure", "idempotent", "once"]),
    join: random.chance(0.4)
      ? { kind: "settled" }
      : random.pick([{ kind: "all" }, { kind: "any" }, { kind: "quorum", count: random.int(1, Math.max(1, incoming)) }] as const),
    retry: { attempts: random.int(1, 3), backoff: random.pick(["constant", "linear", "exponential"] as const), jitter: random.chance(0.5) },
    mayPause: random.chance(0.3),
    waitMs: random.int(20_000, 100_000),
    delayMs: random.chance(0.1) ? random.int(1, 20_000) : 0,
    onUnknown: random.pick(["fail", "hold"] as const),
  };
}
