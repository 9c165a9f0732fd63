/** Draws a plan as a Mermaid flowchart. */
import type { Plan, Relation, Vertex } from "./plan.ts";

const STYLES: Readonly<Record<string, string>> = {
  succeeded: "fill:#d3f9d8,stroke:#2b8a3e",
  failed: "fill:#ffe3e3,stroke:#c92a2a",
  running: "fill:#d0ebff,stroke:#1864ab",
  waiting: "fill:#fff3bf,stroke:#e67700",
  skipped: "fill:#f1f3f5,stroke:#868e96,stroke-dasharray:4",
  cancelled: "fill:#f1f3f5,stroke:#868e96",
};

/** The text of a flowchart. `statuses` colours vertices: the status of a step by vertex key. */
export function toMermaid(plan: Plan, statuses: Readonly<Record<string, string>> = {}): string {
  const statusOf = ({ key }: Vertex): string | undefined => (Object.hasOwn(statuses, key) ? statuses[key] : undefined);
  const used = new Set(plan.vertices.map(statusOf));
  return [
    "flowchart TD",
    ...plan.vertices.map((vertex, i) => `  v${i}${box(vertex)}${styled(statusOf(vertex))}`),
    ...plan.edges.map(({ from, to, relation }) => `  v${from} -->|"${quoted(labelOf(relation))}"| v${to}`),
    ...Object.entries(STYLES)
      .filter(([status]) => used.has(status))
      .map(([status, style]) => `  classDef ${status} ${style}`),
  ].join("\n");
}

function box({ key, kind }: Vertex): string {
  return kind === "start" || kind === "end" ? `(["${quoted(key)}"])` : `["${quoted(key)}"]`;
}

const styled = (status: string | undefined): string => (status !== undefined && Object.hasOwn(STYLES, status) ? `:::${status}` : "");

function labelOf(relation: Relation): string {
  switch (relation.kind) {
    case "pipe":
      return "PIPE";
    case "success":
      return "ON_SUCCESS";
    case "fail":
      return relation.code === undefined ? "ON_FAIL" : `ON_FAIL(${relation.code})`;
    case "branch":
      return `ON_BRANCH(${relation.branch})`;
    case "when":
      return `WHEN(${relation.expression})`;
    case "foreach":
      return `FOREACH ${relation.variable}${relation.list === undefined ? "" : ` IN {{${relation.list}}}`}`;
    case "gather":
      return "GATHER";
  }
}

/** Everything that Mermaid or HTML could read as its own is written as a character code. */
const quoted = (text: string): string => text.replaceAll(/[^\p{L}\p{M}\p{N} _.,:=+*/()-]/gu, (char) => `#${char.codePointAt(0) ?? 32};`);
