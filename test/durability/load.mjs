/** The load of the kill test: its workflows, and for run number n what each must give and do outside. */
import { createHands } from "./load-hands.mjs";

const chain = (names) => names.slice(1).map((name, i) => `${names[i]} >> ON_SUCCESS >> ${name}`);
const add = (a, b) => ({ component: "number_ops", op: "add", a, b });

/** Pure steps only: a chain, a fan-out with a join, a sum. Every lease of it lives in memory. */
const pure = {
  flow: [
    ...chain(["input", "one", "two", "three", "four"]),
    ...["left", "middle", "right"].flatMap((branch) => [`four >> ON_SUCCESS >> ${branch}`, `${branch} >> ON_SUCCESS >> joined`]),
    "joined >> ON_SUCCESS >> total",
  ],
  config: {
    one: add("{{input.n}}", 1),
    two: add("{{one.data.result}}", 1),
    three: add("{{two.data.result}}", 1),
    four: add("{{three.data.result}}", 1),
    left: add("{{four.data.result}}", 10),
    middle: add("{{four.data.result}}", 20),
    right: add("{{four.data.result}}", 30),
    joined: { component: "set", values: { items: ["{{left.data.result}}", "{{middle.data.result}}", "{{right.data.result}}"] } },
    total: { component: "number_ops", op: "sum", items: "{{joined.data.items}}" },
  },
};

const call = (url, step, times) => ({
  component: "http_request",
  method: "POST",
  url: `${url}/effects/${step}${times ? `/${times}` : ""}`,
  body_json: { n: "{{input.n}}" },
});
const soon = { retry: { attempts: 8, backoff: "constant", initial: "300ms" } };

const started = (step) => ({
  component: "trigger_workflow",
  workflow_name: "kill_child",
  input: { n: "{{input.n}}", nap_ms: "{{input.nap_ms}}", step },
});

/** Effects outside: one after another, two at once with a join, and one that is refused twice before it is taken. */
const effects = (url) => ({
  flow: [
    "input >> ON_SUCCESS >> first",
    ...["east", "stubborn"].flatMap((branch) => [`first >> ON_SUCCESS >> ${branch}`, `${branch} >> ON_SUCCESS >> last`]),
    "last >> ON_SUCCESS >> said",
  ],
  config: {
    first: call(url, "first"),
    east: call(url, "east"),
    stubborn: call(url, "stubborn", 2),
    last: call(url, "last"),
    said: {
      component: "set",
      values: {
        n: "{{input.n}}",
        took: ["{{first.data.json.took}}", "{{east.data.json.took}}", "{{stubborn.data.json.took}}", "{{last.data.json.took}}"],
      },
    },
  },
  policy: { first: soon, east: soon, stubborn: soon, last: soon },
});

/** Waiting: for a daemon and for a timer, joined, then told outside. */
const waits = (url) => ({
  flow: [
    "input >> ON_SUCCESS >> ask",
    "input >> ON_SUCCESS >> nap",
    "ask >> ON_SUCCESS >> joined",
    "nap >> ON_SUCCESS >> joined",
    "joined >> ON_SUCCESS >> tell",
    "tell >> ON_SUCCESS >> said",
  ],
  config: {
    ask: { component: "daemon_task", url: `${url}/tasks`, task: "{{input.n}}" },
    nap: { component: "wait", ms: "{{input.nap_ms}}" },
    joined: { component: "set", values: { echo: "{{ask.data.echo}}" } },
    tell: call(url, "tell"),
    said: { component: "set", values: { n: "{{input.n}}", echo: "{{joined.data.echo}}" } },
  },
  policy: { ask: soon, tell: soon },
});

/** Rests, then has an effect outside: the one that `children` waits for. */
const child = (url) => ({
  flow: ["input >> ON_SUCCESS >> nap", "nap >> ON_SUCCESS >> tell", "tell >> ON_SUCCESS >> said"],
  config: {
    nap: { component: "wait", ms: "{{input.nap_ms}}" },
    tell: call(url, "{{input.step}}"),
    said: { component: "set", values: { echo: "{{input.n}}" } },
  },
  policy: { tell: soon },
});

/** Other runs: one that its own step waits for, two that are started, left, and waited for by name. */
const children = {
  flow: [
    ...["own", "one", "two"].map((node) => `input >> ON_SUCCESS >> ${node}`),
    "one >> ON_SUCCESS >> both",
    "two >> ON_SUCCESS >> both",
    "both >> ON_SUCCESS >> said",
    "own >> ON_SUCCESS >> said",
  ],
  config: {
    own: { ...started("own"), wait: "finished" },
    one: started("one"),
    two: started("two"),
    both: { component: "wait_for_workflows", run_ids: ["{{one.data.run_id}}", "{{two.data.run_id}}"] },
    said: {
      component: "set",
      values: { own: "{{own.data.output.echo}}", both: "{{both.data.runs.map(r, r.output.echo)}}" },
    },
  },
};

const ITEMS = [0, 1, 2, 3, 4, 5];

/** A loop within a loop, of pure steps; and one whose items have an effect outside and wait, three at a time. Both are gathered. */
const loops = (url) => ({
  flow: [
    "input >> ON_SUCCESS >> list",
    "list >> FOREACH row >> cells",
    "cells >> FOREACH cell >> scaled",
    "scaled >> GATHER >> line",
    "line >> GATHER >> sums",
    "sums >> ON_SUCCESS >> said",
    "list >> FOREACH item PARALLEL(3) >> tell",
    "tell >> ON_SUCCESS >> nap",
    "nap >> GATHER >> said",
  ],
  config: {
    list: { component: "set", values: { n: "{{input.n}}", rows: [[1, 2], [], [3]], items: ITEMS } },
    cells: { component: "set", values: { cells: "{{row}}" } },
    scaled: { component: "number_ops", op: "multiply", a: "{{cell}}", b: "{{list.data.n}}" },
    line: { component: "number_ops", op: "sum", items: "{{scaled.results.map(r, r.data.result)}}" },
    sums: { component: "set", values: { sums: "{{line.results.map(r, r.data.result)}}" } },
    tell: call(url, "item-{{item}}"),
    nap: { component: "wait", ms: "{{item * 100}}" },
    said: { component: "set", values: { sums: "{{sums.data.sums}}", took: "{{tell.results.map(r, r.data.json.took)}}" } },
  },
  policy: { tell: soon },
});

/** Slots: a few runs at a time, and of the effects with one key one at a time. */
const slots = (url) => ({
  flow: ["input >> ON_SUCCESS >> tell", "tell >> ON_SUCCESS >> rest", "rest >> ON_SUCCESS >> said"],
  config: {
    tell: call(url, "tell"),
    rest: { component: "wait", ms: 200 },
    said: { component: "set", values: { n: "{{input.n}}", took: "{{tell.data.json.took}}" } },
  },
  policy: {
    tell: { ...soon, concurrency: { key: "kill:{{input.n % 2}}", limit: 1 } },
    run: { concurrency: { key: "kill", limit: 4 } },
  },
});

/** By name of the workflow: its definition, how run n ends (`succeeded`) and with which output, the steps that have an effect outside, and what is done to it. */
export function createLoad(url) {
  const define = (name, body) => ({ name, description: "load of the kill test", ...body });
  return [
    { name: "kill_pure", definition: define("kill_pure", pure), output: (n) => ({ result: 3 * n + 72 }), effects: [] },
    {
      name: "kill_effects",
      definition: define("kill_effects", effects(url)),
      output: (n) => ({ n, took: ["first", "east", "stubborn", "last"] }),
      effects: ["first", "east", "stubborn", "last"],
      refusals: { stubborn: 2 },
    },
    { name: "kill_waits", definition: define("kill_waits", waits(url)), output: (n) => ({ n, echo: n }), effects: ["ask", "tell"] },
    {
      name: "kill_children",
      definition: define("kill_children", children),
      starts: [define("kill_child", child(url))],
      output: (n) => ({ own: n, both: [n, n] }),
      effects: ["own", "one", "two"],
    },
    {
      name: "kill_loops",
      definition: define("kill_loops", loops(url)),
      output: (n) => ({ sums: [3 * n, 0, 3 * n], took: ITEMS.map((item) => `item-${item}`) }),
      effects: ITEMS.map((item) => `item-${item}`),
    },
    { name: "kill_slots", definition: define("kill_slots", slots(url)), output: (n) => ({ n, took: "tell" }), effects: ["tell"] },
    ...createHands(url),
  ];
}
