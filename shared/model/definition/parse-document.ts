/** The text of a definition, read as YAML or JSON, with the line of every place in it. */
import type { Document, Node, Pair } from "yaml";
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument as parseYaml } from "yaml";
import { ArcrunError, type Issue } from "../errors.ts";
import { MAX_DEFINITION_BYTES } from "../limits.ts";

/** So often may one document use its anchors: more is a bomb, not a workflow. */
const MAX_ALIASES = 100;

export type ParsedDocument = {
  /** `undefined` when there are issues. */
  readonly value: unknown;
  /** What is not YAML, with lines. */
  readonly issues: readonly Issue[];
  /** The line, from 1, of a JSON pointer (for an absent place, of what would hold it). Unknown for JSON. */
  readonly lineOf: (pointer: string) => number | undefined;
};

const unknownLine = (): undefined => undefined;

/** Reads a definition. Throws `json_invalid` for JSON that is none; what is wrong with YAML is in `issues`. */
export function parseDocument(text: string, format: "yaml" | "json"): ParsedDocument {
  if (text.length > MAX_DEFINITION_BYTES) {
    const detail = `a definition may have ${MAX_DEFINITION_BYTES} bytes`;
    return {
      value: undefined,
      issues: [{ pointer: "", code: "definition.too_large", detail }],
      lineOf: unknownLine,
    };
  }
  return format === "json" ? { value: parseJson(text), issues: [], lineOf: unknownLine } : readYaml(text);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ArcrunError("json_invalid", "the body is not JSON", { cause });
  }
}

function readYaml(text: string): ParsedDocument {
  const lines = new LineCounter();
  try {
    const document = parseYaml(text, {
      lineCounter: lines,
      prettyErrors: false,
      logLevel: "error",
    });
    const issues = document.errors.map((error): Issue => unreadable(error.message, lines.linePos(error.pos[0]).line));
    if (issues.length > 0) return { value: undefined, issues: issues.slice(0, 1), lineOf: unknownLine };
    // Untyped by the library; whoever reads it treats it as unknown.
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { value, issues: [], lineOf: (pointer) => lineIn(document, lines, pointer) };
  } catch (thrown) {
    // An alias of nothing, or too many.
    return {
      value: undefined,
      issues: [unreadable(thrown instanceof Error ? thrown.message : "it cannot be read", 1)],
      lineOf: unknownLine,
    };
  }
}

/** That the stack of the parser ended is a matter of the text, too. */
const unreadable = (message: string, line: number): Issue => ({
  pointer: "",
  code: "definition.invalid_yaml",
  detail: `this is not YAML: ${/call stack/.test(message) ? "it nests too deep" : message.slice(0, 200)}`,
  line,
});

/** Follows the pointer as far as the document has it. */
function lineIn(document: Document, lines: LineCounter, pointer: string): number | undefined {
  let place: unknown = document.contents;
  let offset = offsetOf(place);
  for (const part of segmentsOf(pointer)) {
    const next = memberOf(resolved(place, document), part);
    if (next === undefined) break;
    offset = next.offset ?? offset;
    place = next.value;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}

const segmentsOf = (pointer: string): readonly string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));

const resolved = (place: unknown, document: Document): unknown => (isAlias(place) ? place.resolve(document) : place);

type Member = { readonly value: unknown; readonly offset: number | undefined };

/** A member of a map begins at its key, one of a list at its value. */
function memberOf(place: unknown, part: string): Member | undefined {
  if (isSeq(place)) {
    const value = place.items[Number(part)];
    return value === undefined ? undefined : { value, offset: offsetOf(value) };
  }
  if (!isMap(place)) return undefined;
  const pair: Pair | undefined = place.items.find(({ key }) => String(isScalar(key) ? key.value : key) === part);
  return pair === undefined ? undefined : { value: pair.value, offset: offsetOf(pair.key) };
}

const offsetOf = (place: unknown): number | undefined => (isNode(place) ? (place satisfies Node).range?.[0] : undefined);
