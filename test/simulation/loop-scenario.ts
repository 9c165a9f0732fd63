/** A random workflow with loops, written as a definition and compiled by the engine's own compiler, and what its nodes will do. */
import { parseWorkflow } from "../../shared/model/definition/parse-workflow.ts";
import type { Effects, Plan } from "../../shared/model/plan.ts";
import type { ComponentInfo } from "../../shared/model/definition/workflow.ts";
import type { Prng } from "./prng.ts";
import { type NodeScript, randomScript, VARIANTS } from "./script.ts";
import type { Scenario } from "./scenario.ts";

const EFFECTS: readonly Effects[] = ["pure", "pure", "idempotent", "once"];
const componentOf = (effects: Effects, mayPause: boolean): string => `${effects}${mayPause ? "_pausing" : ""}`;

const COMPONENTS = new Map<string, ComponentInfo>(
  EFFECTS.flatMap((effects) =>
    [false, true].map((mayPause) => [
      componentOf(effects, mayPause),
      {
        kind: "part",
        component: componentOf(effects, mayPause),
        receives: "params",
        effects,
        lane: effects === "pure" ? "steps" : "io",
        mayPause,
        timeoutMs: 10_000,
        credentialFields: false,
      } as const,
    ]),
  ),
);
const CATALOGUE = { find: (name: string) => COMPONENTS.get(name), names: () => COMPONENTS.keys() };

/** The plan of a definition whose components are effects, like `pure` and `once_pausing`. */
export function compileSimulated(definition: Readonly<Record<string, unknown>>): Plan {
  const parsed = parseWorkflow(
    { name: "simulated", description: "for the simulator", ...definition },
    { catalogue: CATALOGUE, sha256Hex: () => "0".repeat(64) },
  );
  if (!parsed.ok) throw new Error(`the generator wrote a workflow that is refused: ${JSON.stringify([definition, parsed.errors])}`);
  return parsed.workflow.plan;
}

/** How a node is reached: with which loops around it (by their variables), possibly in several ways. */
type Reached = { readonly name: string; readonly stacks: (readonly string[])[] };

export function randomLoopScenario(random: Prng): Scenario {
  const nodes: Reached[] = [];
  const lines: string[] = [];
  const gathered: { readonly name: string; readonly at: string }[] = [];
  const size = random.int(2, 7);
  for (let index = 0; index < size; index += 1) nodes.push(joinIn(`n${index}`, index, nodes, lines, gathered, random));
  const config = Object.fromEntries(nodes.map((node) => [node.name, configOf(node, gathered, random)]));
  const policy = Object.fromEntries(nodes.map(({ name }) => [name, policyOf(random)]));
  const run = {
    ...(random.chance(0.1) ? { timeout: `${random.int(20, 300)}s` } : {}),
    ...(random.chance(0.2) ? { final_callback: "https://example.com/done" } : {}),
  };
  const definition = { flow: lines, config, policy: { ...policy, run } };
  const versions = otherVersions(definition, random).map(compileSimulated);
  // What a run begins with may be the one with a node less.
  const [plan = compileSimulated(definition)] = random.chance(0.7) ? [] : versions;
  const all = [compileSimulated(definition), ...versions];
  return { plan, versions: all, script: scriptFor(compileSimulated(definition), random) };
}

type Definition = { readonly flow: readonly string[]; readonly config: Record<string, unknown>; readonly policy: Record<string, unknown> };

/** Without its last node, which nothing follows; with another config of some node; and without a line that is not the only one to its node. */
function otherVersions({ flow, config, policy }: Definition, random: Prng): readonly Definition[] {
  const names = Object.keys(config);
  const last = names.at(-1) ?? "";
  const changed = random.pick(names);
  const { [last]: _, ...fewer } = config;
  const { [last]: __, ...policies } = policy;
  const shorter = { flow: flow.filter((line) => !line.endsWith(` ${last}`)), config: fewer, policy: policies };
  const isThere = names.length > 1 && shorter.flow.length > 0;
  // A record that the generator wrote itself.
  const other = { flow, policy, config: { ...config, [changed]: { ...(config[changed] as Record<string, unknown>), version: 2 } } };
  const spare = flow.filter(
    (line) => / >> (PIPE|ON_\S+) >> /.test(line) && flow.some((one) => one !== line && targetOf(one) === targetOf(line)),
  );
  const looser = spare.length === 0 ? [] : [{ flow: flow.filter((line) => line !== spare.at(-1)), config, policy }];
  return [...(isThere ? [shorter] : []), other, ...looser.filter(isAccepted)];
}

const targetOf = (line: string): string => line.split(" >> ").at(-1) ?? "";

/** Without the line a template may read what has not run before. */
function isAccepted(definition: Definition): boolean {
  try {
    compileSimulated(definition);
    return true;
  } catch {
    return false;
  }
}

const depthOf = ({ stacks }: Reached): number => Math.max(...stacks.map((stack) => stack.length));

/** One node more, behind one or a few of those that are there. */
function joinIn(
  name: string,
  index: number,
  nodes: readonly Reached[],
  lines: string[],
  gathered: { name: string; at: string }[],
  random: Prng,
): Reached {
  const from = nodes.length === 0 || random.chance(0.1) ? undefined : random.pick(nodes);
  if (from === undefined) {
    const isLoop = random.chance(0.3);
    lines.push(`input >> ${isLoop ? `FOREACH x${index}` : "PIPE"} >> ${name}`);
    return { name, stacks: [isLoop ? [`x${index}`] : []] };
  }
  const stacks = stacksAfter(from, name, index, lines, gathered, random);
  // A few lines more from nodes that stand in the same loops; now and then from others, so that the node stands in several places.
  for (const other of nodes) {
    if (other === from || !random.chance(0.25)) continue;
    const isBeside = other.stacks.every((stack) => stacks.some((one) => one.join() === stack.join()));
    if (!isBeside && !random.chance(0.1)) continue;
    lines.push(`${other.name} >> ${plainRelation(random)} >> ${name}`);
    for (const stack of other.stacks) if (!stacks.some((one) => one.join() === stack.join())) stacks.push(stack);
  }
  return { name, stacks };
}

function stacksAfter(
  from: Reached,
  name: string,
  index: number,
  lines: string[],
  gathered: { name: string; at: string }[],
  random: Prng,
): (readonly string[])[] {
  const isInLoop = from.stacks.every((stack) => stack.length > 0);
  if (isInLoop && random.chance(0.45)) {
    lines.push(`${from.name} >> GATHER >> ${name}`);
    gathered.push({ name: from.name, at: name });
    return from.stacks.map((stack) => stack.slice(0, -1));
  }
  if (depthOf(from) < 2 && random.chance(0.45)) {
    lines.push(`${from.name} >> FOREACH x${index}${random.chance(0.5) ? ` PARALLEL(${random.int(1, 3)})` : ""} >> ${name}`);
    return from.stacks.map((stack) => [...stack, `x${index}`]);
  }
  lines.push(`${from.name} >> ${plainRelation(random)} >> ${name}`);
  return [...from.stacks];
}

const plainRelation = (random: Prng): string =>
  random.pick(["ON_SUCCESS", "ON_SUCCESS", "PIPE", "ON_FAIL", "ON_TRUE", "ON_FAIL(paper.jam)", "ON_FALSE"]);

/** It reads the items around it, and what was gathered into it. */
function configOf({ name, stacks }: Reached, gathered: readonly { name: string; at: string }[], random: Prng): Record<string, unknown> {
  const component = componentOf(random.pick(EFFECTS), random.chance(0.25));
  const [stack, ...others] = stacks;
  const items = others.length === 0 ? (stack ?? []).filter(() => random.chance(0.6)).map((variable) => [variable, `{{${variable}}}`]) : [];
  const results = others.length === 0 ? gathered.filter(({ at }) => at === name).map((one) => [one.name, `{{${one.name}.results}}`]) : [];
  return { component, ...Object.fromEntries([...items, ...results]) };
}

function policyOf(random: Prng): Record<string, unknown> {
  const tolerate = random.pick([0, 0, 1, 2, "50%"]);
  return {
    retry: { attempts: random.int(1, 2), backoff: random.pick(["constant", "exponential"]), jitter: random.chance(0.5) },
    wait: `${random.int(20, 100)}s`,
    foreach: { concurrency: random.int(1, 4), on_item_failure: random.pick(["continue", "stop"]), tolerate },
    join: random.pick(["settled", "settled", "settled", "all", "any"]),
    ...(random.chance(0.1) ? { delay: `${random.int(1, 20)}s` } : {}),
    on_unknown: random.pick(["fail", "hold"]),
  };
}

/** Each third item of a loop does something else. Nodes in loops fail less often, else no long loop would end well. */
function scriptFor(plan: Plan, random: Prng): Scenario["script"] {
  const opened = new Set(plan.edges.flatMap(({ from, relation }) => (relation.kind === "foreach" ? [from] : [])));
  const playing = plan.vertices.flatMap(({ key, mayPause, loops }, index) => {
    const list = opened.has(index) ? () => ({ list: random.int(0, loops.length === 0 ? 6 : 3) }) : () => ({});
    const keys = loops.length === 0 ? [key] : [key, ...Array.from({ length: VARIANTS }, (_, variant) => `${key}#${variant}`)];
    return keys.map((one) => ({ key: one, mayPause, ...list() }));
  });
  const script = new Map<string, NodeScript>();
  for (const [key, one] of randomScript(random, playing)) {
    const isKind = opened.has(plan.vertices.findIndex((vertex) => vertex.key === key)) && one.ending.kind === "fail" && random.chance(0.8);
    script.set(key, isKind ? { ...one, ending: { kind: "success" } } : one);
  }
  return script;
}
