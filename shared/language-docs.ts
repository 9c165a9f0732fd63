/** The page about the language, from the tables that read it. `npm run docs` writes it, a test compares. */
import { ENGINE_WORDS } from "./engine-words.ts";
import { limitsTable } from "./limits-docs.ts";
import { markdownTable as table } from "./markdown-table.ts";
import { DURATION_FORMS } from "./model/duration.ts";
import { BINDING, FUNCTIONS, MACROS } from "./model/expression/expression-ast.ts";
import { ISSUE_CODES } from "./model/definition/issue-codes.ts";
import { JOIN_WORDS } from "./model/joins.ts";
import { AUTH_WORDS, RESERVED_WORDS, SCHEDULE_WORDS } from "./model/definition/name-words.ts";
import { MAX_PARALLEL, PARALLEL_WORDS } from "./model/definition/parse-foreach.ts";
import { type KeyWords, NODE_KEYS, RUN_KEYS } from "./model/definition/policy-words.ts";
import { type RelationRow, RELATIONS } from "./model/definition/relations.ts";
import { STEP_TRANSITIONS } from "./model/run.ts";
import { magicNames } from "./model/scope.ts";
import { RUN_STATUS_WORDS, STEP_STATUS_WORDS, WAIT_REASON_WORDS } from "./model/status-words.ts";
import { type Catalogue, END_NAMES, START_NAMES } from "./model/definition/workflow.ts";

export type LanguageSources = {
  readonly components: Catalogue;
  /** The text of `examples/workflows/NAME.yaml`. */
  readonly example: (name: string) => string;
};

const EXAMPLE_DATE = Date.UTC(2026, 0, 31, 12, 5, 9);

const code = (text: string): string => `\`${text}\``;
const codes = (texts: Iterable<string>, between = " "): string => [...texts].map(code).join(between);
const rowsOf = (words: Readonly<Record<string, string>>): readonly (readonly string[])[] =>
  Object.entries(words).map(([name, meaning]) => [code(name), meaning]);

export function renderLanguageDocs({ components, example }: LanguageSources): string {
  const shown = (...names: readonly string[]): string =>
    names
      .map((name) => `[${name}.yaml](../examples/workflows/${name}.yaml):\n\n\`\`\`yaml\n${withoutStory(example(name))}\n\`\`\``)
      .join("\n\n");
  const sections = [
    INTRODUCTION,
    `## Relations\n\n${relations()}\n\n${RELATION_NOTES}\n\n${shown("on-fail-code")}`,
    `## Loops\n\n${loops()}\n\n${shown("foreach")}`,
    `## Joins\n\n${joins()}\n\n${shown("join-quorum")}`,
    `## Names\n\n${names()}`,
    `## Expressions\n\n${expressions()}\n\n${shown("templates")}`,
    `## Components of the engine\n\n${engineComponents(components)}\n\n${shown("wait-for-callback")}`,
    `## Policy of a node\n\n${policyTable(NODE_KEYS)}\n\n${shown("retry")}`,
    `## Policy of the run\n\n\`policy.run\`:\n\n${policyTable(RUN_KEYS)}\n\n${shown("run-retention")}`,
    `## Durations\n\n${DURATION_FORMS.replaceAll(/\b\d+(?:ms|[smhd])\b/g, code)}.`,
    `## Triggers and schedules\n\n${triggers()}\n\n${shown("trigger-signed", "schedule")}`,
    `## Old files\n\n${OLD_FILES}\n\n${shown("old-graph")}`,
    `## Statuses\n\n${statuses()}`,
    `## Limits\n\n${limitsTable()}`,
    `## What a push is told\n\n${issueCodes()}`,
  ];
  return `${sections.join("\n\n")}\n`;
}

const INTRODUCTION = `# The workflow language

Written by \`npm run docs\` from the tables that the parser itself uses. [How to write a workflow](workflow.md) is the guide; this is the reference. The examples are files of
[examples/workflows](../examples/workflows/), where each begins with its story and is run as a test.`;

const RELATION_NOTES = `A line is \`A >> RELATION >> B\`. All relations that apply are followed at the same time. An edge that can no longer be followed is dead, and so are all edges of a skipped node. An \`ON_FAIL\` for
just the code wins over the general one. A run succeeds when every failure was taken by an \`ON_FAIL\` edge; \`PIPE\` does not count.`;

const OLD_FILES = `Still read: \`graph\` (nodes and edges) in the place of \`flow\`; bare names, looked for in the whole context; a bare \`IF\`; config keys in another case than the node; \`component: cron\` as a schedule in UTC;
\`component: https://…\`, where the context is POSTed; the name of a service that recipes sign in to, as an \`http_request\` that is signed in. A push warns of what should be written anew.`;

/** The story is in the file; here it would stand twice. */
const withoutStory = (text: string): string => text.replace(/^(?:#[^\n]*\n)+/, "").trimEnd();

function relations(): string {
  const argument = (word: string, { argument: kind, name }: RelationRow): string => {
    if (kind === "loop") return `${word} x`;
    return kind === "required" ? `${word}${/\(.*\)$/.exec(name)?.[0] ?? "(x)"}` : word;
  };
  const rows = RELATIONS.map((row) => {
    const [first = "", ...others] = row.words.map((word) => argument(word, row));
    return [row.argument === "optional" ? `${code(first)}, ${code(`${first}(code)`)}` : code(first), codes(others), row.followed];
  });
  return table(["relation", "also written", "followed when"], rows);
}

function loops(): string {
  const words = RELATIONS.find(({ argument }) => argument === "loop")?.words ?? [];
  const [each = ""] = words;
  const [parallel = "", ...others] = PARALLEL_WORDS;
  const forms = [
    [`${each} x`, "The list is `x` of A's data, or its plural (`xs`, `xes`, `y` → `ies`), or the data itself"],
    [`${each} x IN {{expr}}`, "The list is what the expression gives"],
    [`${each} x ${parallel}(n)`, `At most n items are in flight, 1 to ${MAX_PARALLEL}; after \`IN\`, if there are both`],
  ].map(([form = "", meaning = ""]) => [code(form), meaning]);
  return `${table(["form", "meaning"], forms)}

${codes(words, " or ")}, ${codes([parallel, ...others], " or ")}. What follows B is the body, and runs once for each item, up to a \`GATHER\`; the node behind that runs once, when the whole body has ended for every item,
and sees \`B.results\` (whole answers in the order of the items, \`null\` where B was skipped) and \`B.failed\`. A failure that reaches a \`GATHER\` counts as handled. Lines of A that stand after its \`FOREACH\` are followed when the loop has ended. Loops nest.`;
}

function joins(): string {
  const rows = Object.values(JOIN_WORDS).map(({ value, runs, otherwise }, i) => [
    `${code(value)}${i === 0 ? " (default)" : ""}`,
    runs,
    otherwise,
  ]);
  return `\`policy.NODE.join\`. A node runs once.\n\n${table(["join", "runs when", "skipped when"], rows)}`;
}

function names(): string {
  const magic = Object.entries(magicNames(EXAMPLE_DATE)).map(([name, value]) => [code(name), code(String(value))]);
  return `The start is ${codes(START_NAMES, ", ")}; the end is ${codes(END_NAMES, ", ")}. Neither needs a config; that of the end is what the run gives. Node names are letters of any script, digits, \`_\`, \`-\` and inner
spaces. In templates these words are never a node:

${table(["name", "what it is"], rowsOf(RESERVED_WORDS))}

The date under its old names, UTC, fixed when the run starts:

${table(["name", "for example"], magic)}`;
}

function expressions(): string {
  const functions = Object.entries(FUNCTIONS).map(([name, { asFunction, asMethod, arity }]) => {
    const given = Array.from({ length: arity - 1 }, () => "y").join(", ");
    return [asFunction ? [`${name}(x)`] : [], asMethod ? [`x.${name}(${given})`] : []].flat();
  });
  const macros = [...MACROS].map((name) => (name === "map" ? `list.${name}(i, value)` : `list.${name}(i, condition)`));
  return `Between \`{{\` and \`}}\`, and in \`WHEN(…)\`, \`IN {{…}}\`, \`done_when\` and \`condition\`: paths (\`a.b\`, \`a[0]\`, \`a["x-y"]\`), values, \`? :\`, \`!\`, lists and maps, and

- operators: ${codes(BINDING.keys())}; \`??\` stands in for a path that leads nowhere
- functions: ${codes([...functions.flat(), "has(a.b)"])}
- over lists: ${codes(macros)}`;
}

function engineComponents(components: Catalogue): string {
  const rows = [...components.names()]
    .filter((name) => components.find(name)?.kind === "engine" && name !== "output")
    .sort()
    .map((name) => [code(name), ENGINE_WORDS[name]?.takes ?? "", ENGINE_WORDS[name]?.gives ?? ""]);
  return table(["component", "config", "data"], rows);
}

function policyTable(keys: Readonly<Record<string, KeyWords>>): string {
  const rows = Object.entries(keys).map(([key, { value, summary, default: byDefault, most }]) => [
    code(key),
    value,
    summary,
    byDefault,
    most ?? "",
  ]);
  return table(["key", "value", "meaning", "default", "at most"], rows);
}

function triggers(): string {
  const auth = Object.values(AUTH_WORDS).map(({ written, meaning }) => [written, meaning]);
  const schedule = Object.entries(SCHEDULE_WORDS).map(([key, words]) => [code(key), words.meaning, words.default]);
  return `\`trigger: { auth: … }\`:\n\n${table(["auth", "who may start it"], auth)}\n\n\`schedule\`, a list of:\n\n${table(["key", "meaning", "default"], schedule)}\n\n\`input\` is a JSON Schema; what does not fit is refused with 422.`;
}

function statuses(): string {
  const steps = Object.entries(STEP_TRANSITIONS).map(([status, next]) => [
    code(status),
    wordsOf(status),
    next.length === 0 ? "_an end_" : codes(next),
  ]);
  return `Of a run:\n\n${table(["status", "meaning"], rowsOf(RUN_STATUS_WORDS))}\n\nOf a step; only a redrive leaves an end:\n\n${table(["status", "meaning", "followed by"], steps)}\n\n\`reason\` in \`waiting\`:\n\n${table(["reason", "what it waits for"], rowsOf(WAIT_REASON_WORDS))}`;
}

const wordsOf = (status: string): string => Object.entries(STEP_STATUS_WORDS).find(([name]) => name === status)?.[1] ?? "";

function issueCodes(): string {
  const rows = (kind: string) =>
    Object.entries(ISSUE_CODES).flatMap(([name, issue]) => (issue.kind === kind ? [[code(name), issue.meaning]] : []));
  return `Each with a JSON pointer and, for YAML, the line. Refused, with HTTP status 422:\n\n${table(["code", "meaning"], rows("error"))}\n\nAn expression or template that cannot be read is refused with [\`expression.invalid\`](errors/expression.invalid.md), [\`expression.too_complex\`](errors/expression.too_complex.md) or [\`template.invalid\`](errors/template.invalid.md).\n\nTaken, with a warning:\n\n${table(["code", "meaning"], rows("warning"))}`;
}
