/** Draws a plan as a Mermaid flowchart, and with a tally the run of it: nodes by status, loops as frames with counts, dead edges dotted. */
import type { Plan } from "./plan.ts";
import { relationWord } from "./definition/relation-word.ts";
import type { StepStatus } from "./run.ts";
import { overallStatus, type RunTally, tallyOf, tallyText } from "./tally.ts";
import type { FlowRelation } from "./definition/workflow.ts";

type Style = "succeeded" | "failed" | "running" | "waiting" | "skipped" | "cancelled";

const STYLES: { readonly [S in Style]: string } = {
  succeeded: "fill:#d3f9d8,stroke:#2b8a3e,color:#000",
  failed: "fill:#ffe3e3,stroke:#c92a2a,color:#000",
  running: "fill:#d0ebff,stroke:#1864ab,color:#000",
  waiting: "fill:#fff3bf,stroke:#e67700,color:#000",
  skipped: "fill:#f1f3f5,stroke:#868e96,color:#868e96,stroke-dasharray:4",
  cancelled: "fill:#f1f3f5,stroke:#868e96,color:#000",
};

const STYLE_OF: { readonly [S in StepStatus]: Style } = {
  ready: "running",
  running: "running",
  waiting: "waiting",
  retrying: "waiting",
  unknown: "waiting",
  succeeded: "succeeded",
  failed: "failed",
  skipped: "skipped",
  cancelled: "cancelled",
};

const ARROWS = { taken: "==>", dead: "-.->", open: "-->" } as const;

/** What is drawn of a plan. */
export type Drawable = {
  readonly vertices: readonly (Pick<Plan["vertices"][number], "key" | "node" | "kind"> & { readonly loops: readonly unknown[] })[];
  readonly edges: readonly { readonly from: number; readonly to: number; readonly relation: FlowRelation }[];
  readonly loops?: readonly {
    readonly variable: string;
    /** Vertices whose innermost loop this is. */
    readonly body: readonly number[];
    /** Loops that are opened in its body. */
    readonly inner: readonly number[];
  }[];
};

/** The text of a flowchart. */
export function toMermaid(plan: Drawable, tally?: RunTally): string {
  const loops = plan.loops ?? [];
  const inside = new Set(loops.flatMap(({ body }) => body));
  const isInner = new Set(loops.flatMap(({ inner }) => inner));
  const used = new Set(plan.vertices.flatMap((_, i) => styleOf(tally, i) ?? []));
  return [
    "flowchart TD",
    ...plan.vertices.flatMap((_, i) => (inside.has(i) ? [] : [`  ${vertexText(plan, i, tally)}`])),
    ...loops.flatMap((_, id) => (isInner.has(id) ? [] : loopLines(plan, id, tally).map((line) => `  ${line}`))),
    ...plan.edges.map(
      ({ from, to, relation }, i) => `  v${from} ${ARROWS[tally?.edges[i] ?? "open"]}|"${quoted(relationWord(relation))}"| v${to}`,
    ),
    ...Object.entries(STYLES).flatMap(([style, text]) => ([...used].some((one) => one === style) ? [`  classDef ${style} ${text}`] : [])),
  ].join("\n");
}

/** The frame around the body of a loop, with those of the loops in it. */
function loopLines(plan: Drawable, id: number, tally: RunTally | undefined): readonly string[] {
  const loop = plan.loops?.[id];
  if (loop === undefined) return [];
  const counted = tally?.loops[id];
  const title = `FOREACH ${loop.variable}${counted === undefined ? "" : `: ${tallyText(counted)}`}`;
  const within = [...loop.body.map((i) => vertexText(plan, i, tally)), ...loop.inner.flatMap((inner) => loopLines(plan, inner, tally))];
  return [`subgraph l${id}["${quoted(title)}"]`, ...within.map((line) => `  ${line}`), "end"];
}

function vertexText({ vertices }: Drawable, i: number, tally: RunTally | undefined): string {
  const vertex = vertices[i];
  if (vertex === undefined) throw new Error(`the plan has no vertex ${i}`);
  const { node, kind, loops } = vertex;
  const counts = tally?.vertices[i];
  const counted = loops.length === 0 || counts === undefined ? "" : `: ${tallyText(tallyOf(counts))}`;
  const label = `["${quoted(node + counted)}"]`;
  const style = styleOf(tally, i);
  return `v${i}${kind === "start" || kind === "end" ? `(${label})` : label}${style === undefined ? "" : `:::${style}`}`;
}

function styleOf(tally: RunTally | undefined, vertex: number): Style | undefined {
  const status = overallStatus(tally?.vertices[vertex]);
  return status === undefined ? undefined : STYLE_OF[status];
}

/** Everything that Mermaid, Markdown or HTML could read as its own is written as a character code. */
const quoted = (text: string): string =>
  text
    .replaceAll(/[^\p{L}\p{M}\p{N} _.,:=+/()-]/gu, (char) => `#${char.codePointAt(0) ?? 32};`)
    .replace(/^[\d-]/, (char) => `#${char.codePointAt(0) ?? 32};`);
