import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile, set } from "../../../support/definitions.ts";

/** A workflow without cycles: each node follows some that come before it. */
const dags = fc
  .array(
    fc.array(fc.tuple(fc.nat(), fc.constantFrom("PIPE", "ON_SUCCESS", "ON_FAIL", "ON_TRUE", "否則", "ON_BRANCH(x)", "WHEN(input.n > 1)")), {
      minLength: 1,
      maxLength: 4,
    }),
    { minLength: 1, maxLength: 25 },
  )
  .chain((nodes) => {
    const lines = nodes.flatMap((parents, i) =>
      parents.map(([parent, relation]) => `${parent % (i + 1) === 0 ? "input" : `n${parent % (i + 1)}`} >> ${relation} >> n${i + 1}`),
    );
    const config = Object.fromEntries(nodes.map((_, i) => [`n${i + 1}`, set()]));
    return fc.tuple(fc.shuffledSubarray(lines, { minLength: lines.length }), fc.constant(config));
  });

describe("Any flow without a cycle", () => {
  it("compiles to vertices in topological order and edges in the order of the lines, which agree", () => {
    fc.assert(
      fc.property(dags, ([flow, config]) => {
        const { vertices, edges } = compile({ flow, config });
        expect(vertices.map(({ key }) => key).toSorted()).toEqual(["input", ...Object.keys(config)].toSorted());
        expect(vertices[0]?.kind).toBe("start");
        expect(edges.map(({ id }) => id)).toEqual(edges.map((_, i) => i));
        expect(edges.every(({ from, to }) => from < to)).toBe(true);
        vertices.forEach((vertex, i) => {
          expect(vertex.incoming).toEqual(edges.filter(({ to }) => to === i).map(({ id }) => id));
          expect(vertex.outgoing).toEqual(edges.filter(({ from }) => from === i).map(({ id }) => id));
        });
      }),
      { numRuns: 150 },
    );
  });

  it("hands everything upstream to a node that reads the context", () => {
    fc.assert(
      fc.property(dags, ([flow, config]) => {
        const bare = Object.fromEntries(Object.keys(config).map((node) => [node, { component: "set" }]));
        const { vertices, edges } = compile({ flow, config: bare });
        const above = vertices.map(() => new Set<string>());
        for (const [i, into] of above.entries()) {
          for (const { from } of edges.filter(({ to }) => to === i)) {
            for (const name of [...(above[from] ?? []), vertices[from]?.node ?? ""]) if (name !== "input") into.add(name);
          }
        }
        for (const [i, { kind, needs }] of vertices.entries()) if (kind === "part") expect(new Set(needs.nodes)).toEqual(above[i]);
      }),
      { numRuns: 100 },
    );
  });

  it("may have a thousand nodes in a row", () => {
    const name = (i: number) => (i === 0 ? "input" : `n${i}`);
    const nodes = Array.from({ length: 1000 }, (_, i) => i + 1);
    const plan = compile({
      flow: nodes.map((i) => `${name(i - 1)} >> ON_SUCCESS >> ${name(i)}`),
      config: Object.fromEntries(
        nodes.map((i) => [
          name(i),
          set({
            x: `{{${name(Math.max(1, i - 1))}.data.x ?? input.${name(i)}}}`.replace("n1.data.x ?? input.n1}", "input.n1}"),
          }),
        ]),
      ),
    });
    expect(plan.vertices).toHaveLength(1001);
  });
});
