/**
 * Random workflows, and what must come of each: by the simulator's oracle, which shares no code with the engine, and by arithmetic. A node sets
 * a value, calls the outside world (some calls are refused first), waits, asks a daemon, or fails; beside the graph there may be a loop.
 */
import { createComponents } from "../../shared/components.ts";
import { sha256Hex } from "../../shared/ids.ts";
import { parseWorkflow } from "../../shared/model/definition/parse-workflow.ts";
import { type Ending, judge } from "../simulation/oracle.ts";
import { createPrng, type Prng } from "../simulation/prng.ts";

/** `data` of each node that has some is known; a node that is not named in `nodes` must not be in the trace. */
export type Work = {
  readonly definition: { readonly name: string };
  readonly status: "succeeded" | "failed";
  /** The statuses of a node's steps. */
  readonly nodes: Readonly<Record<string, readonly string[]>>;
  readonly data: Readonly<Record<string, unknown>>;
  /** The steps whose effect the outside world must have seen, each under one key. */
  readonly effects: readonly string[];
  /** What the run gives; then nothing is told of its nodes. */
  readonly output?: unknown;
};

type Node = {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly ending: Ending;
  readonly data?: unknown;
  readonly effect?: string;
};

const MAX_NODES = 7;
const EDGE = 0.45;
const LOOP = 0.4;
const MAX_ITEMS = 9;
const SUCCESS: Ending = { kind: "success" };
/** Patient: an attempt that met a fault is not what is tested. */
const CALLS = { retry: { attempts: 5, initial: "200ms", max: "1s" }, timeout: "5s" };
const RELATIONS = ["ON_SUCCESS", "ON_SUCCESS", "PIPE", "ON_FAIL", "ON_FAIL(paper.jam)", "ON_TRUE", "ON_FALSE"];
const JOINS = ["settled", "settled", "all", "any", { quorum: 2 }];

const components = createComponents();

/** Runs of it are told apart by `n`, which is also their input. */
export function randomWorkflow(n: number, seed: number, url: string): Work {
  const random = createPrng(Math.imul(seed, 7919) + n);
  const nodes = Array.from({ length: random.int(1, MAX_NODES) }, (_, index) => randomNode(`n${index}`, n, url, random));
  if (random.chance(0.3)) nodes.push(asked(`n${nodes.length}`, n, url));
  const loop = random.chance(LOOP) ? randomLoop(n, url, random) : undefined;
  const definition = {
    name: `soak_${n}`,
    description: "a random graph",
    flow: [...edgesOf(nodes, random), ...(loop?.flow ?? [])],
    config: { ...Object.fromEntries(nodes.map(({ name, config }) => [name, config])), ...loop?.config },
    policy: {
      ...Object.fromEntries(nodes.map(({ name, effect }) => [name, { join: random.pick(JOINS), ...(effect === undefined ? {} : CALLS) }])),
      ...loop?.policy,
    },
  };
  return { definition, ...expectation(definition, nodes, loop) };
}

function expectation(definition: object, nodes: readonly Node[], loop: Loop | undefined): Omit<Work, "definition"> {
  const { flow, config, policy, ...rest } = definition as {
    flow: string[];
    config: Record<string, unknown>;
    policy: Record<string, unknown>;
  }; // made above
  const names = new Set(nodes.map(({ name }) => name));
  const only = <T>(map: Record<string, T>) => Object.fromEntries(Object.entries(map).filter(([name]) => names.has(name)));
  const graph = {
    ...rest,
    flow: flow.filter((line) => names.has(line.split(" >> ")[2] ?? "")),
    config: only(config),
    policy: only(policy),
  };
  const parsed = parseWorkflow(graph, { catalogue: components, sha256Hex });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  const endings = new Map(nodes.map(({ name, ending }) => [name, ending]));
  const { verdicts, status } = judge(parsed.workflow.plan, new Map([...endings, ["input", SUCCESS]]));
  const started = nodes.filter(({ name }) => verdicts.get(name) === "started");
  if (status === "unfinished") throw new Error(`the oracle cannot tell how ${JSON.stringify(definition)} ends`);
  return {
    status,
    nodes: {
      ...Object.fromEntries(nodes.map(({ name }) => [name, [verdicts.get(name) === "started" ? wordFor(endings.get(name)) : "skipped"]])),
      ...loop?.nodes,
    },
    data: { ...Object.fromEntries(started.flatMap(({ name, data }) => (data === undefined ? [] : [[name, data]]))), ...loop?.data },
    effects: [...started.flatMap(({ effect }) => effect ?? []), ...(loop?.effects ?? [])],
  };
}

const wordFor = (ending: Ending | undefined): string => (ending?.kind === "fail" ? "failed" : "succeeded");

function edgesOf(nodes: readonly Node[], random: Prng): readonly string[] {
  return nodes.flatMap(({ name: to }, index) => {
    const lines = nodes
      .slice(0, index)
      .flatMap(({ name }) => (random.chance(EDGE) ? [`${name} >> ${random.pick(RELATIONS)} >> ${to}`] : []));
    return lines.length === 0 ? [`input >> PIPE >> ${to}`] : lines;
  });
}

function randomNode(name: string, n: number, url: string, random: Prng): Node {
  const call = (path: string): Node => ({
    name,
    config: { component: "http_request", method: "POST", url: `${url}/effect/${path}`, body_json: { n: "{{input.n}}" } },
    ending: SUCCESS,
    effect: name,
  });
  switch (random.int(0, 6)) {
    case 0:
      return call(name);
    case 1:
      return call(`${name}/1`);
    case 2:
      return { name, config: { component: "assert", that: false, code: "paper.jam" }, ending: { kind: "fail", code: "paper.jam" } };
    case 3:
      return { name, config: { component: "wait", ms: random.int(1, 400) }, ending: SUCCESS };
    case 4: {
      const branch = random.pick(["true", "false"]);
      const data = { n, branch };
      return { name, config: { component: "set", values: { n: "{{input.n}}", branch } }, ending: { kind: "success", branch }, data };
    }
    default:
      return { name, config: { component: "set", values: { n: "{{input.n}}", me: name } }, ending: SUCCESS, data: { n, me: name } };
  }
}

/** The outside world sees one task a run, under this name. */
const asked = (name: string, n: number, url: string): Node => ({
  name,
  config: { component: "daemon_task", url: `${url}/tasks`, task: "{{input.n}}" },
  ending: SUCCESS,
  data: { echo: n },
  effect: "ask",
});

type Loop = Pick<Work, "nodes" | "data" | "effects"> & {
  readonly flow: readonly string[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly policy: Readonly<Record<string, unknown>>;
};

/** A long list, a hundred items at once, gathered in order. */
export function longLoop(n: number, count: number): Work {
  const items = Array.from({ length: count }, (_, index) => index);
  const definition = {
    name: `long_${n}`,
    description: "a long list",
    flow: ["input >> PIPE >> list", "list >> FOREACH item PARALLEL(100) >> each", "each >> GATHER >> all"],
    config: {
      list: { component: "set", values: { items } },
      each: { component: "number_ops", op: "multiply", a: "{{item}}", b: "{{input.n}}" },
      all: { component: "set", values: { results: "{{each.results.map(r, r.data.result)}}" } },
    },
  };
  // The trace that comes with a run has its first 200 steps, so what is known of the rest is what was gathered of it.
  return { definition, status: "succeeded", nodes: {}, data: {}, effects: [], output: { results: items.map((item) => item * n) } };
}

/** A list whose items are multiplied, or tell the outside world, a few at a time; the results are gathered in order. */
function randomLoop(n: number, url: string, random: Prng): Loop {
  const items = Array.from({ length: random.int(0, MAX_ITEMS) }, (_, index) => index);
  const tells = random.chance(0.5);
  const body = tells
    ? { component: "http_request", method: "POST", url: `${url}/effect/item-{{item}}`, body_json: { n: "{{input.n}}" } }
    : { component: "number_ops", op: "multiply", a: "{{item}}", b: "{{input.n}}" };
  const results = tells ? "{{each.results.map(r, r.data.json.took)}}" : "{{each.results.map(r, r.data.result)}}";
  return {
    flow: ["input >> PIPE >> list", `list >> FOREACH item PARALLEL(${random.int(1, 5)}) >> each`, "each >> GATHER >> all"],
    config: {
      list: { component: "set", values: { items } },
      each: body,
      all: { component: "set", values: { results } },
    },
    policy: tells ? { each: CALLS } : {},
    nodes: { list: ["succeeded"], ...(items.length === 0 ? {} : { each: items.map(() => "succeeded") }), all: ["succeeded"] },
    data: { all: { results: items.map((item) => (tells ? `item-${item}` : item * n)) } },
    effects: tells ? items.map((item) => `item-${item}`) : [],
  };
}
