/**
 * Whether an input fits the JSON Schema of who takes it, as far as that can be told.
 *
 * 1. A text with a template may become any value: of it, nothing is told (`isOpen`).
 * 2. What is told is certain. A keyword that is not known here tells nothing; `isExact` says whether a schema has any.
 * 3. An optional field that is null counts as absent, as parts have it. What a template did not find is null.
 */
import { field, isMap, type JsonMap, shown } from "./issues.ts";

/** `op`: the field chooses among operations, and the one that it names is none. */
export type InputProblem = {
  readonly kind: "missing" | "value" | "op";
  readonly path: readonly (string | number)[];
  /** Goes on a sentence that begins with the name of the field. */
  readonly detail: string;
  /** What a word that is none of the valid ones could have been. */
  readonly word?: { readonly found: string; readonly valid: readonly string[] };
};

/** `path` leads to what is judged right now. */
type Judge = { readonly isOpen: (value: unknown) => boolean; readonly problems: InputProblem[]; readonly path: (string | number)[] };
type Verdict = "fits" | "open" | "misfit";

const MAX_PROBLEMS = 20;
const OP_FIELDS: ReadonlySet<string | number | undefined> = new Set(["op", "operation"]);
const COMMENTS = ["description", "title", "default", "examples", "format"];
const KNOWN: ReadonlySet<string> = new Set([
  ...COMMENTS,
  "type",
  "enum",
  "const",
  "required",
  "properties",
  "additionalProperties",
  "items",
  "anyOf",
  "minimum",
  "maximum",
]);

/** What certainly does not fit. `isOpen` tells of a value that it is not known yet. */
export function inputProblems(schema: unknown, input: unknown, isOpen: (value: unknown) => boolean = () => false): readonly InputProblem[] {
  const judge: Judge = { isOpen, problems: [], path: [] };
  judgeValue(schema, input, judge);
  return judge.problems;
}

/** Whether no keyword of the schema is unknown here: then what has no problems fits. */
export function isExact(schema: unknown): boolean {
  if (typeof schema === "boolean") return true;
  if (!isMap(schema) || Object.keys(schema).some((key) => !KNOWN.has(key))) return false;
  const { properties, anyOf, items, additionalProperties } = schema;
  const inner = [...(isMap(properties) ? Object.values(properties) : []), ...(Array.isArray(anyOf) ? anyOf : [])];
  return [...inner, ...[items, additionalProperties].filter((one) => one !== undefined)].every(isExact);
}

function judgeValue(schema: unknown, value: unknown, judge: Judge): Verdict {
  if (!isMap(schema)) return schema === false ? refuse("value", "is not allowed here", judge) : "fits";
  if (judge.isOpen(value)) return "open";
  if (judgeKind(schema, value, judge) === "misfit") return "misfit";
  const inner = isMap(value) ? judgeMap(schema, value, judge) : Array.isArray(value) ? judgeList(schema, value, judge) : "fits";
  return worse(inner, judgeAnyOf(schema, value, judge));
}

const worse = (one: Verdict, other: Verdict): Verdict =>
  one === "misfit" || other === "misfit" ? "misfit" : one === "open" || other === "open" ? "open" : "fits";

function refuse(kind: InputProblem["kind"], detail: string, judge: Judge, word?: InputProblem["word"]): "misfit" {
  if (judge.problems.length < MAX_PROBLEMS)
    judge.problems.push({ kind, path: [...judge.path], detail, ...(word === undefined ? {} : { word }) });
  return "misfit";
}

function inside(step: string | number, { path }: Judge, judgeThere: () => Verdict): Verdict {
  path.push(step);
  const verdict = judgeThere();
  path.pop();
  return verdict;
}

function judgeKind(schema: JsonMap, value: unknown, judge: Judge): Verdict {
  const { type, enum: words, const: only, pattern, minimum, maximum } = schema;
  if (type !== undefined && !isOfType(type, value))
    return refuse("value", `must be ${typeNames(type)}, but it is ${described(value)}`, judge);
  if (Array.isArray(words) && !words.some((word) => isSame(word, value))) return refuseWord(words, value, judge);
  if (only !== undefined && !isSame(only, value)) return refuse("value", `must be ${JSON.stringify(only)}`, judge);
  if (typeof value === "string" && typeof pattern === "string") return judgePattern(schema, pattern, value, judge);
  if (typeof value !== "number") return "fits";
  if (typeof minimum === "number" && value < minimum) return refuse("value", `must be ${minimum} at least, but it is ${value}`, judge);
  if (typeof maximum === "number" && value > maximum) return refuse("value", `must be ${maximum} at most, but it is ${value}`, judge);
  return "fits";
}

/** Who has an example is refused by it: few can read a pattern. */
function judgePattern({ examples }: JsonMap, pattern: string, value: string, judge: Judge): Verdict {
  if (isMatch(pattern, value)) return "fits";
  const wanted = Array.isArray(examples) && examples.length > 0 ? `must be written like ${examples.join(" or ")}` : `must match ${pattern}`;
  return refuse("value", `${wanted}, but it is ${described(value)}`, judge);
}

/** A pattern that cannot be read tells nothing. */
function isMatch(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return true;
  }
}

function refuseWord(words: readonly unknown[], value: unknown, judge: Judge): "misfit" {
  const valid = words.map((word) => (typeof word === "string" ? word : JSON.stringify(word)));
  const word = typeof value === "string" ? { found: value, valid } : undefined;
  if (word !== undefined && OP_FIELDS.has(judge.path.at(-1)))
    return refuse("op", `names the operation ${shown(value)}, which is unknown; the valid ones are: ${valid.join(", ")}`, judge, word);
  return refuse("value", `must be one of: ${valid.join(", ")}; but it is ${described(value)}`, judge, word);
}

function judgeMap(schema: JsonMap, value: JsonMap, judge: Judge): Verdict {
  const properties = isMap(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"].filter((name) => typeof name === "string") : [];
  let verdict: Verdict = "fits";
  for (const name of required) {
    if (field(value, name) !== undefined) continue;
    verdict = inside(name, judge, () => refuse("missing", `is missing; expected ${expectedOf(field(properties, name))}`, judge));
  }
  for (const [name, item] of Object.entries(value)) {
    const known = field(properties, name);
    const inner = known ?? (judge.path.length === 0 ? undefined : schema["additionalProperties"]);
    if (inner === undefined || (item === null && known !== undefined && !required.includes(name))) continue;
    verdict = worse(
      verdict,
      inside(name, judge, () => judgeValue(inner, item, judge)),
    );
  }
  return verdict;
}

function judgeList({ items }: JsonMap, value: readonly unknown[], judge: Judge): Verdict {
  if (items === undefined) return "fits";
  const type = onlyType(items);
  let verdict: Verdict = "fits";
  for (const [n, item] of value.entries()) {
    if (type !== undefined && isOfType(type, item) && !judge.isOpen(item)) continue; // long lists of plain values cost little
    verdict = worse(
      verdict,
      inside(n, judge, () => judgeValue(items, item, judge)),
    );
    if (judge.problems.length >= MAX_PROBLEMS) return verdict;
  }
  return verdict;
}

/** The type, when a schema asks for nothing else. */
const onlyType = (schema: unknown): unknown =>
  isMap(schema) && Object.keys(schema).every((key) => key === "type" || COMMENTS.includes(key)) ? schema["type"] : undefined;

/** Only when no branch can fit something is told: the fields that could be there, or what the first branch has against it. */
function judgeAnyOf({ anyOf }: JsonMap, value: unknown, judge: Judge): Verdict {
  if (!Array.isArray(anyOf) || anyOf.length === 0) return "fits";
  const tried = anyOf.map((branch: unknown) => {
    const problems: InputProblem[] = [];
    return { verdict: judgeValue(branch, value, { ...judge, problems }), problems };
  });
  if (tried.some(({ verdict }) => verdict === "fits")) return "fits";
  if (tried.some(({ verdict }) => verdict === "open")) return "open";
  const all = tried.flatMap(({ problems }) => problems);
  const names = all.every(({ kind }) => kind === "missing") ? all.map(({ path: at }) => String(at.at(-1))) : [];
  const [first] = all;
  if (names.length > 1)
    return inside(names[0] ?? "", judge, () => refuse("missing", `is missing; expected it, or else ${names.slice(1).join(" or ")}`, judge));
  if (first !== undefined && judge.problems.length < MAX_PROBLEMS) judge.problems.push(first);
  return "misfit";
}

const isSame = (one: unknown, other: unknown): boolean =>
  one === other || (typeof one === "object" && JSON.stringify(one) === JSON.stringify(other));

const TYPE_NAMES: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  integer: "a whole number",
  null: "null",
  number: "a number",
  object: "an object",
  string: "text",
};

const typeNames = (type: unknown): string =>
  (Array.isArray(type) ? type : [type]).map((one) => TYPE_NAMES[String(one)] ?? String(one)).join(" or ");

function expectedOf(schema: unknown): string {
  const { type, enum: words } = isMap(schema) ? schema : {};
  if (Array.isArray(words)) return `one of: ${words.join(", ")}`;
  return type === undefined ? "any value" : typeNames(type);
}

function isOfType(type: unknown, value: unknown): boolean {
  if (Array.isArray(type)) return type.some((one) => isOfType(one, value));
  switch (type) {
    case "array":
      return Array.isArray(value);
    case "object":
      return isMap(value);
    case "null":
      return value === null;
    case "integer":
      return Number.isInteger(value);
    case "string":
    case "number":
    case "boolean":
      return typeof value === type;
    default:
      return true;
  }
}

/** The kind, and the value itself when it is short. */
function described(value: unknown): string {
  const kind = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  const text = value === null ? undefined : JSON.stringify(value);
  return `${TYPE_NAMES[kind] ?? kind}${text === undefined || text.length > 40 ? "" : ` (${text})`}`;
}
