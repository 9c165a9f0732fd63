/**
 * What a node sees. Built from exactly what the claim handed out, so the same attempt sees the same (R8).
 * All records here have no prototype: a name like `constructor` is an ordinary absent key.
 */
import { END_NODE, START_NODE } from "./plan.ts";

export type ScopeSource = {
  readonly input: unknown;
  /** Whole answers of finished upstream nodes, in the order of the flow's lines. */
  readonly nodes: readonly { readonly name: string; readonly answer: unknown }[];
  /** What was gathered of nodes of loops that have ended. */
  readonly gathered: readonly { readonly name: string; readonly results: readonly unknown[]; readonly failed: number }[];
  /** The loops around the node, outermost first; an item that is not read is absent. */
  readonly loops: readonly { readonly variable: string; readonly index: number; readonly count: number; readonly item?: unknown }[];
  readonly run: {
    readonly id: string;
    readonly workflow: string;
    readonly version: string;
    readonly startedAt: number;
    readonly attempt: number;
  };
  /** The moment the step became ready, milliseconds. */
  readonly now: number;
  readonly callbackUrl?: string;
};

export type Scope = Record<string, unknown>;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

function layOver(target: Scope, value: unknown): void {
  if (!isRecord(value)) return;
  for (const name of Object.keys(value)) target[name] = value[name];
}

/** The trigger's body, then the data of each upstream node, then each upstream node's entry under its own name, then the items. */
export function mergedContext({ input, nodes, gathered, loops }: Pick<ScopeSource, "input" | "nodes" | "gathered" | "loops">): Scope {
  const context: Scope = Object.create(null);
  layOver(context, input);
  for (const { answer } of nodes) if (isRecord(answer)) layOver(context, answer["data"]);
  layEntries(context, { nodes, gathered, loops });
  return context;
}

function layEntries(target: Scope, { nodes, gathered, loops }: Pick<ScopeSource, "nodes" | "gathered" | "loops">): void {
  for (const { name, answer } of nodes) target[name] = answer;
  for (const { name, results, failed } of gathered) target[name] = { results, failed };
  for (const loop of loops) if ("item" in loop) target[loop.variable] = loop.item;
}

/** The merged context is below, the names of the language are above it: user data never shadow them. */
export function buildScope(source: ScopeSource): Scope {
  const scope = mergedContext(source);
  layOver(scope, magicNames(source.run.startedAt));
  layEntries(scope, source);
  const { id, workflow, version, startedAt, attempt } = source.run;
  const callback = source.callbackUrl === undefined ? {} : { callback_url: source.callbackUrl };
  scope[START_NODE] = source.input;
  scope["run"] = { id, workflow, version, started_at: new Date(startedAt).toISOString(), attempt, ...callback };
  const innermost = source.loops.at(-1);
  if (innermost !== undefined) scope["loop"] = { index: innermost.index, count: innermost.count };
  scope["now"] = new Date(source.now).toISOString();
  scope["today"] = new Date(source.now).toISOString().slice(0, 10);
  return scope;
}

/** The node's own entry is seen by the conditions on its outgoing edges. */
export function withEntry(scope: Scope, node: string, answer: unknown): Scope {
  const next: Scope = Object.create(null);
  layOver(next, scope);
  if (node !== END_NODE) next[node] = answer;
  return next;
}

const two = (n: number): string => String(n).padStart(2, "0");

/** All steps of a run ask for the same ones. */
const latest: { startedAt: number; names: Scope } = { startedAt: Number.NaN, names: {} };

/** The date under its old names, fixed when the run starts; UTC. */
export function magicNames(startedAt: number): Scope {
  if (latest.startedAt !== startedAt) Object.assign(latest, { startedAt, names: writeMagicNames(startedAt) });
  return latest.names;
}

function writeMagicNames(startedAt: number): Scope {
  const date = new Date(startedAt);
  const day = (offset: number) => new Date(startedAt + offset * 86_400_000).toISOString().slice(0, 10);
  const [year, month, dayOfMonth] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
  return {
    _today: day(0),
    _yesterday: day(-1),
    _tomorrow: day(1),
    _now: date.toISOString(),
    _now_unix: startedAt,
    _now_unix_s: Math.floor(startedAt / 1000),
    _year: year,
    _month: two(month),
    _day: two(dayOfMonth),
    _hour: two(date.getUTCHours()),
    _minute: two(date.getUTCMinutes()),
    _second: two(date.getUTCSeconds()),
    _iso_week: isoWeek(date),
    _weekday: date.getUTCDay(),
    _yyyymm: `${year}${two(month)}`,
    _yyyymmdd: `${year}${two(month)}${two(dayOfMonth)}`,
  };
}

/** ISO 8601: the week of the year's first Thursday is the first. */
function isoWeek(date: Date): number {
  const thursday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 4 - (date.getUTCDay() || 7)));
  const yearStart = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return Math.ceil(((thursday.getTime() - yearStart) / 86_400_000 + 1) / 7);
}
