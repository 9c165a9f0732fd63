import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createComponents } from "../../../shared/components.ts";
import { type Drawable, toMermaid } from "../../../shared/model/mermaid.ts";
import { parseDocument } from "../../../shared/model/definition/parse-document.ts";
import { parseWorkflow } from "../../../shared/model/definition/parse-workflow.ts";
import { compile, set, sha256Hex } from "../../support/definitions.ts";
import { understand } from "../../support/mermaid-reader.ts";

const CONDITION = '抓取.data.n == "<script>alert(`1`)</script> [{|}] #35; ; -- %% --> end" && true';
const plan = compile({
  flow: ["input >> PIPE >> 抓取", `抓取 >> WHEN(${CONDITION}) >> b-1`, "b-1 >> 否則 >> end"],
  config: { 抓取: set(), "b-1": set() },
});

describe("The drawing of a plan", () => {
  it("shows vertices and edges, and no character that means something to Mermaid", () => {
    expect(
      toMermaid(compile({ flow: ["input >> PIPE >> a", 'a >> WHEN(a.data.n > "<3|]") >> 2 b'], config: { a: set(), "2 b": set() } })),
    ).toBe(
      [
        "flowchart TD",
        '  v0(["input"])',
        '  v1["a"]',
        '  v2["#50; b"]',
        '  v0 -->|"PIPE"| v1',
        '  v1 -->|"WHEN(a.data.n #62; #34;#60;3#124;#93;#34;)"| v2',
      ].join("\n"),
    );
  });

  it("is understood by Mermaid as it is meant, whatever the names and conditions hold", async () => {
    expect(await understand(toMermaid(plan))).toEqual({
      nodes: Object.fromEntries(["input", "抓取", "b-1", "output"].map((label, i) => [`v${i}`, { label, styles: [] }])),
      edges: [
        { from: "v0", to: "v1", label: "PIPE", stroke: "normal" },
        { from: "v1", to: "v2", label: `WHEN(${CONDITION})`, stroke: "normal" },
        { from: "v2", to: "v3", label: "ON_BRANCH(false)", stroke: "normal" },
      ],
      frames: [],
    });
  });

  it.each(["end", "graph", "subgraph", "style", "1", "1 2", "- a", "default", "o", "x", "click", "_a_", "名 前"])(
    "takes a node called %s",
    async (name) => {
      const { nodes } = await understand(
        toMermaid(compile({ flow: [`input >> PIPE >> ${name}`], config: name === "end" ? {} : { [name]: set() } })),
      );
      expect(nodes["v1"]?.label).toBe(name === "end" ? "output" : name);
    },
  );
});

describe("The drawing of a run", () => {
  it("colours its nodes, and tells the edges that were taken, that are dead and that are open", async () => {
    const vertices = [{ succeeded: 1 }, { failed: 1 }, { skipped: 1 }, {}];
    const { nodes, edges } = await understand(toMermaid(plan, { vertices, edges: ["taken", "dead", "open"], loops: [] }));
    expect(Object.values(nodes).map(({ styles }) => styles)).toEqual([["succeeded"], ["failed"], ["skipped"], []]);
    expect(edges.map(({ stroke }) => stroke)).toEqual(["thick", "dotted", "normal"]);
  });

  it("frames its loops, one in the other, with what became of their items", async () => {
    const vertex = (node: string, ...loops: number[]) => ({ key: node, node, kind: "part" as const, loops });
    const edge = (from: number, to: number, relation: Drawable["edges"][number]["relation"]) => ({ from, to, relation });
    const looped: Drawable = {
      vertices: [vertex("list"), vertex("open", 0), vertex("cell", 0, 1), vertex("line", 0), vertex("page")],
      edges: [
        edge(0, 1, { kind: "foreach", variable: "row", list: "input.rows" }),
        edge(1, 2, { kind: "foreach", variable: "cell" }),
        edge(2, 3, { kind: "gather" }),
        edge(3, 4, { kind: "gather" }),
      ],
      loops: [
        { variable: "row", body: [1, 3], inner: [1] },
        { variable: "cell", body: [2], inner: [] },
      ],
    };
    const { nodes, edges, frames } = await understand(
      toMermaid(looped, {
        vertices: [{ succeeded: 1 }, { succeeded: 3 }, { succeeded: 24, failed: 2, ready: 1, waiting: 3 }, { succeeded: 1, failed: 1 }, {}],
        edges: ["taken", "taken", "taken", "open"],
        loops: [
          { ok: 1, failed: 1, count: 3 },
          { ok: 24, failed: 2, count: 30 },
        ],
      }),
    );
    expect(frames).toEqual([
      { title: "FOREACH cell: 24/30 ok, 2 failed", nodes: ["v2"] },
      { title: "FOREACH row: 1/3 ok, 1 failed", nodes: ["v1", "v3", "l1"] },
    ]);
    expect(Object.values(nodes)).toEqual([
      { label: "list", styles: ["succeeded"] },
      { label: "open: 3/3 ok", styles: ["succeeded"] },
      { label: "cell: 24/30 ok, 2 failed", styles: ["waiting"] },
      { label: "line: 1/2 ok, 1 failed", styles: ["failed"] },
      { label: "page", styles: [] },
    ]);
    expect(edges.map(({ label }) => label)).toEqual(["FOREACH row IN {{input.rows}}", "FOREACH cell", "GATHER", "GATHER"]);
  });
});

describe("Every example", () => {
  const deps = { catalogue: createComponents(), sha256Hex };
  const files = readdirSync("examples/workflows");

  it.each(files)("%s is understood by Mermaid, with all its nodes and edges", async (file) => {
    const result = parseWorkflow(parseDocument(readFileSync(`examples/workflows/${file}`, "utf8"), "yaml").value, deps);
    if (!result.ok) {
      expect(new Set(result.errors.map(({ code }) => code))).toEqual(new Set([expect.stringMatching(/unknown_component/)]));
      return;
    }
    const { plan: drawn } = result.workflow;
    const { nodes, edges } = await understand(toMermaid(drawn));
    expect(
      Object.values(nodes)
        .map(({ label }) => label)
        .toSorted(),
    ).toEqual(drawn.vertices.map(({ node }) => node).toSorted());
    expect(edges).toHaveLength(drawn.edges.length);
  });
});
