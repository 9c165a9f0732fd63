/**
 * The real Mermaid, as far as it goes without a browser: its parser, and what it understood. Purifying needs a DOM and comes after that;
 * it is left out, which is the stricter test: what a label says here is what was written.
 */
import DOMPurify from "dompurify";
import mermaid from "mermaid";

Object.assign(DOMPurify, { addHook: () => undefined, sanitize: (text: string) => text });

export type Understood = {
  /** By id; the label with its character codes turned back. */
  readonly nodes: Readonly<Record<string, { readonly label: string; readonly styles: readonly string[] }>>;
  readonly edges: readonly { readonly from: string; readonly to: string; readonly label: string; readonly stroke: string }[];
  readonly frames: readonly { readonly title: string; readonly nodes: readonly string[] }[];
};

type FlowDb = {
  getVertices(): Map<string, { text: string; classes: string[] }>;
  getEdges(): { start: string; end: string; text: string; stroke: string }[];
  getSubGraphs(): { title: string; nodes: string[] }[];
};

/** Mermaid hides `#60;` from its own grammar like this until it has drawn. */
const shown = (text: string): string => text.replaceAll(/ﬂ°°(\d+)¶ß/g, (_, code: string) => String.fromCodePoint(Number(code)));

/** Throws what Mermaid throws. */
export async function understand(text: string): Promise<Understood> {
  const { diagramType } = await mermaid.parse(text);
  if (diagramType !== "flowchart-v2") throw new Error(`this is read as ${diagramType}`);
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  const flow = db as unknown as FlowDb; // Mermaid's types know what all diagrams have in common only
  return {
    nodes: Object.fromEntries(
      [...flow.getVertices()]
        .sort(([one], [other]) => one.localeCompare(other, "en", { numeric: true }))
        .map(([id, { text: label, classes }]) => [id, { label: shown(label), styles: classes }]),
    ),
    edges: flow.getEdges().map(({ start, end, text: label, stroke }) => ({ from: start, to: end, label: shown(label), stroke })),
    frames: flow.getSubGraphs().map(({ title, nodes }) => ({ title: shown(title), nodes })),
  };
}
