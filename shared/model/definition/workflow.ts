/** A workflow definition, parsed: what the user wrote, checked and in our own words, before it is compiled to a plan. */
import type { Issue } from "../errors.ts";
import type { Operations } from "./operations.ts";
import type { Concurrency, Effects, Join, Loop, PlainRelation, Plan, RetryPolicy } from "../plan.ts";

/** What the compiler must know about a component: a WASM part, a component of the engine itself, or a recipe. */
export type ComponentInfo = {
  readonly kind: "part" | "engine" | "recipe";
  /** The part to run; `http_request` for a recipe. */
  readonly component: string;
  /** Set for a part that the tenant has uploaded. */
  readonly uploaded?: true;
  readonly receives: "params" | "context";
  readonly effects: Effects;
  readonly lane: "steps" | "io";
  readonly mayPause: boolean;
  readonly timeoutMs: number;
  /** Whether `{{credential.NAME}}` may stand in its config. */
  readonly credentialFields: boolean;
  /** A field of its config that defaults to the whole context. */
  readonly contextField?: string;
  /** Fields of its config that old files have and nobody reads. */
  readonly ignores?: readonly string[];
  /** The JSON Schema of its config, if there is one. */
  readonly input?: Readonly<Record<string, unknown>>;
  /** Fields that are expressions without braces, over what the component has found. */
  readonly expressionFields?: readonly string[];
  /** What each of its operations needs, if it has some. */
  readonly operations?: Operations;
};

export type Catalogue = {
  find(name: string): ComponentInfo | undefined;
  names(): Iterable<string>;
};

/** `FOREACH variable IN {{list}} PARALLEL(parallel)`. */
export type Foreach = {
  readonly kind: "foreach";
  readonly variable: string;
  readonly list?: string;
  readonly parallel?: number;
};
export type Gather = { readonly kind: "gather" };
export type FlowRelation = PlainRelation | Foreach | Gather;

/** One line of the flow. A relation that could not be read is absent: its nodes still count as mentioned and connected. */
export type FlowLine = {
  readonly pointer: string;
  readonly from: string;
  readonly to: string;
  readonly relation?: FlowRelation;
};

/** The flow, read. `incomplete`: a line was lost, so what cannot be reached from the rest says nothing. */
export type Flow = {
  readonly lines: readonly FlowLine[];
  /** Each name as written (normalised) with the pointer of the line that mentions it first, in the order of the lines. */
  readonly mentions: ReadonlyMap<string, string>;
  readonly incomplete: boolean;
  /** The field that it was read from: `/flow`, or `/graph` in old files. */
  readonly pointer: string;
};

/** The config of one node as written. `pointer` is where the node's map begins. */
export type ConfigEntry = {
  readonly name: string;
  readonly value: unknown;
  readonly pointer: string;
};

export type NodePolicy = {
  readonly retry?: RetryPolicy;
  readonly timeoutMs?: number;
  readonly waitMs?: number;
  readonly delayMs?: number;
  readonly join?: Join;
  readonly onUnknown?: "fail" | "hold";
  readonly foreach?: Partial<Pick<Loop, "concurrency" | "onItemFailure" | "tolerate">>;
  readonly concurrency?: Concurrency;
};

export type Schedule = {
  readonly cron: string;
  readonly timezone: string;
  readonly input: unknown;
  readonly overlap: "skip" | "allow";
  readonly catchUp: "none" | "last";
};

export type ParsedWorkflow = {
  readonly name: string;
  readonly description: string;
  /** Canonical JSON of the definition: depends on its content, not on notation. */
  readonly canonical: string;
  readonly plan: Plan;
  readonly schedules: readonly Schedule[];
  readonly warnings: readonly Issue[];
};

export type ParseResult =
  | { readonly ok: true; readonly workflow: ParsedWorkflow }
  | { readonly ok: false; readonly errors: readonly Issue[]; readonly warnings: readonly Issue[] };

export const START_NAMES = ["input", "trigger", "webhook", "start"] as const;
export const END_NAMES = ["output", "result", "end", "done"] as const;

/** First names of a template that are never a node or a bare old name. */
export const RESERVED_NAMES = ["input", "run", "loop", "now", "today", "credential"] as const;

/** The date names of old files, in every scope; fixed when the run starts. */
export const MAGIC_NAMES: ReadonlySet<string> = new Set([
  "_today",
  "_yesterday",
  "_tomorrow",
  "_now",
  "_now_unix",
  "_now_unix_s",
  "_year",
  "_month",
  "_day",
  "_hour",
  "_minute",
  "_second",
  "_iso_week",
  "_weekday",
  "_yyyymm",
  "_yyyymmdd",
]);

/**
 * The first names that mean something in the expressions of a workflow, for `parseExpression` and `parseTemplate`. Push and run
 * must give the same ones, else `a-1` is a name here and a subtraction there. `names`: its nodes without start and end, and the
 * variables of its loops.
 */
export const expressionNames = (names: Iterable<string>): ReadonlySet<string> => new Set([...names, ...RESERVED_NAMES, ...MAGIC_NAMES]);
