import type { AnyNode } from "domhandler";

const SILENT: ReadonlySet<string> = new Set(["script", "style", "template", "noscript", "title", "head"]);
const LINES: ReadonlySet<string> = new Set(
  "address article aside blockquote br dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tr ul".split(
    " ",
  ),
);
const CELLS: ReadonlySet<string> = new Set(["td", "th"]);

/** The text as a browser shows it: blocks are lines, white space is one space, scripts are silent (unless asked for by name). */
export function shownText(node: AnyNode): string {
  const root = "children" in node ? node.children : [node];
  return collect(root)
    .replaceAll(/[^\S\n]+/g, " ")
    .replaceAll(/ ?\n\s*/g, "\n")
    .trim();
}

function collect(nodes: readonly AnyNode[]): string {
  return nodes.map(textOf).join("");
}

function textOf(node: AnyNode): string {
  if (node.type === "text") return node.data.replaceAll("\n", " ");
  if (!("children" in node)) return "";
  if (!("name" in node)) return collect(node.children);
  if (SILENT.has(node.name)) return "";
  const inside = collect(node.children);
  return LINES.has(node.name) ? `\n${inside}\n` : CELLS.has(node.name) ? ` ${inside} ` : inside;
}
