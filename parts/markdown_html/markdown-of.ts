import type { AnyNode, Element } from "domhandler";
import { textContent } from "domutils";
import { parseDocument } from "htmlparser2";

const SILENT: ReadonlySet<string> = new Set(["script", "style", "head", "title", "template", "noscript", "iframe"]);
const BLOCKS: ReadonlySet<string> = new Set(
  "address article aside blockquote body dd details div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section table ul".split(
    " ",
  ),
);
const MARKS: Readonly<Record<string, string>> = { strong: "**", b: "**", em: "_", i: "_", del: "~~", s: "~~" };
const SCRIPT_LINK = /^\s*(?:javascript|vbscript|data):/i;

/** CommonMark with tables and strikethrough. What has no form in it is left out, its text stays. */
export const markdownOf = (html: string): string => blocksOf(parseDocument(html).children).join("\n\n");

/** The blocks of a list of nodes; stray text and inline elements between blocks are paragraphs. */
function blocksOf(nodes: readonly AnyNode[]): readonly string[] {
  const blocks: string[] = [];
  let line = "";
  const endLine = (): void => {
    if (line.trim() !== "") blocks.push(line.trim());
    line = "";
  };
  for (const node of nodes) {
    if (!isElement(node) || !BLOCKS.has(node.name)) {
      line += inline(node);
      continue;
    }
    endLine();
    blocks.push(...blockOf(node));
  }
  endLine();
  return blocks;
}

function blockOf(node: Element): readonly string[] {
  const { name, children } = node;
  if (/^h[1-6]$/.test(name)) return some(`${"#".repeat(Number(name[1]))} ${inlineAll(children).trim()}`);
  switch (name) {
    case "hr":
      return ["---"];
    case "p":
      return some(inlineAll(children).trim());
    case "pre":
      return [fenced(node)];
    case "blockquote":
      return some(indented(blocksOf(children).join("\n\n"), "> ", "> "));
    case "ul":
    case "ol":
      return some(listOf(node));
    case "table":
      return some(tableOf(node));
    default:
      return blocksOf(children);
  }
}

const some = (text: string): readonly string[] => (text === "" ? [] : [text]);
const isElement = (node: AnyNode): node is Element => "name" in node && "children" in node;
const elementsOf = (node: Element, ...names: readonly string[]): readonly Element[] =>
  node.children.filter((child): child is Element => isElement(child) && names.includes(child.name));
const inlineAll = (nodes: readonly AnyNode[]): string => nodes.map(inline).join("");

function inline(node: AnyNode): string {
  if (node.type === "text") return escaped(node.data.replaceAll(/\s+/g, " "));
  if (!isElement(node) || SILENT.has(node.name)) return "";
  const { name, children, attribs } = node;
  const inside = inlineAll(children);
  const mark = MARKS[name];
  if (mark !== undefined) return inside.trim() === "" ? inside : inside.replace(/^(\s*)([^]*?)(\s*)$/, `$1${mark}$2${mark}$3`);
  switch (name) {
    case "br":
      return "\\\n";
    case "code":
      return coded(textContent(node));
    case "img":
      return `![${escaped(attribs["alt"] ?? "")}](${address(attribs["src"])})`;
    case "a":
      return attribs["href"] === undefined || SCRIPT_LINK.test(attribs["href"])
        ? inside
        : `[${inside.trim()}](${address(attribs["href"])})`;
    default:
      return BLOCKS.has(name) ? ` ${inside} ` : inside;
  }
}

const address = (url = ""): string =>
  SCRIPT_LINK.test(url)
    ? ""
    : url.trim().replaceAll(/[\s()<>\\]/g, (char) => encodeURIComponent(char).replace("(", "%28").replace(")", "%29"));

/** Signs that would mean something, and those that do so at the start of a line. */
const escaped = (text: string): string => text.replaceAll(/[\\`*_[\]<]|~~/g, "\\$&").replace(/^(\s*)([#>+-]|\d+\.)(?=\s)/, "$1\\$2");

/** Between more backticks than stand inside. */
function coded(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return longest === 0 ? `\`${text}\`` : `${fence} ${text} ${fence}`;
}

function fenced(node: Element): string {
  const code = elementsOf(node, "code")[0];
  const language = /(?:^|\s)lang(?:uage)?-(\S+)/.exec(code?.attribs["class"] ?? "")?.[1] ?? "";
  const text = textContent(node).replace(/\n$/, "");
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

function listOf(node: Element): string {
  const first = Number(node.attribs["start"] ?? 1);
  return elementsOf(node, "li")
    .map((item, index) => {
      const marker = node.name === "ol" ? `${(Number.isInteger(first) ? first : 1) + index}. ` : "- ";
      const blocks = blocksOf(item.children);
      // A list right under the text of an item needs no empty line.
      const text = blocks.reduce(
        (all, block) => (all === "" ? block : `${all}${/^(?:- |\d+\. )/.test(block) ? "\n" : "\n\n"}${block}`),
        "",
      );
      return indented(text, marker, " ".repeat(marker.length));
    })
    .join("\n");
}

const indented = (text: string, first: string, rest: string): string =>
  text
    .split("\n")
    .map((line, index) => (index === 0 ? `${first}${line}` : `${rest}${line}`.trimEnd()))
    .join("\n");

function tableOf(node: Element): string {
  const groups = elementsOf(node, "thead", "tbody", "tfoot");
  const rows = [node, ...groups].flatMap((group) => elementsOf(group, "tr")).map((row) => elementsOf(row, "th", "td").map(cellOf));
  const width = Math.max(0, ...rows.map((row) => row.length));
  if (width === 0) return "";
  const line = (cells: readonly string[]): string => `| ${Array.from({ length: width }, (_, column) => cells[column] ?? "").join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(Array.from({ length: width }, () => "---")), ...body.map(line)].join("\n");
}

const cellOf = (cell: Element): string => inlineAll(cell.children).trim().replaceAll(/\\?\n/g, " ").replaceAll("|", "\\|");
