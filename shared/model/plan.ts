/**
 * The plan: a workflow compiled for running. A run pins its plan in its first log row, so everything a run needs to know
 * about its graph is here, and a later push or deploy cannot change it. Plain JSON.
 *
 * A vertex is (node, loop stack). Without loops there is one vertex a node; FOREACH pushes, GATHER pops, every other edge
 * keeps. A step is (vertex, item path), its key is written `translate[3][0]`.
 */

export type PlainRelation =
  | { readonly kind: "pipe" }
  | { readonly kind: "success" }
  /** `code` is set for `ON_FAIL(code)`. */
  | { readonly kind: "fail"; readonly code?: string }
  /** ON_TRUE and ON_FALSE are the branches `true` and `false`. */
  | { readonly kind: "branch"; readonly branch: string }
  | { readonly kind: "when"; readonly expression: string };

export type Relation =
  | PlainRelation
  /** Leads into the body of a loop. `list` is an expression; without it the list is looked for by the name of the variable. */
  | { readonly kind: "foreach"; readonly loop: number; readonly variable: string; readonly list?: string }
  /** Leads out of it. */
  | { readonly kind: "gather"; readonly loop: number };

export type Edge = {
  /** Index in `plan.edges`, in the order of the flow's lines. */
  readonly id: number;
  /** Indices in `plan.vertices`. */
  readonly from: number;
  readonly to: number;
  readonly relation: Relation;
  /** Followed when this loop of the same vertex has ended: its line stands after that of the FOREACH. */
  readonly after?: number;
};

/** A loop of the plan. Those of one vertex run one after the other, in the order of the flow's lines. */
export type Loop = {
  /** Unique in the plan: the names of the loops around it, the node that opens it, and the variable: `book.row/open.cell`. */
  readonly name: string;
  readonly variable: string;
  /** The vertex that gives the list. */
  readonly opener: number;
  /** So many items are in flight at most. */
  readonly concurrency: number;
  readonly onItemFailure: "continue" | "stop";
  /** Failed items that do not fail the run: so many, or so many of a hundred. */
  readonly tolerate: number | { readonly percent: number };
  /** Vertices whose innermost loop this is, in topological order. */
  readonly body: readonly number[];
  /** Loops that are opened in its body. */
  readonly inner: readonly number[];
  /** Ids of its GATHER edges. */
  readonly gathers: readonly number[];
  /** Ids of the edges of its opener that are followed when it has ended. */
  readonly followers: readonly number[];
};

export type Join = { readonly kind: "settled" | "all" | "any" } | { readonly kind: "quorum"; readonly count: number };

export type RetryPolicy = {
  readonly attempts: number;
  readonly backoff: "exponential" | "linear" | "constant";
  readonly initialMs: number;
  readonly maxMs: number;
  readonly jitter: boolean;
  /** Exactly these codes are tried again; a trailing `.` means all below. Absent: what says of itself that it is retryable. */
  readonly on?: readonly string[];
};

/** Of all runs of the tenant, at most `limit` at once for what the template `key` gives. */
export type Concurrency = { readonly key: string; readonly limit: number };

/** `pure` may run again freely, `idempotent` again with the same key, `once` never without somebody's word. */
export type Effects = "pure" | "idempotent" | "once";

/** Which entries of the scope the claim hands out: those that the config and the outgoing conditions mention. */
export type Needs = {
  readonly input: boolean;
  /** The merged context is read (a bare old name, or a node without config): everything upstream is needed. */
  readonly context: boolean;
  /** Keys of upstream vertices, in the order of the flow's lines; with `context` all of them. */
  readonly nodes: readonly string[];
  /** Variables of the enclosing loops. */
  readonly items?: readonly string[];
};

export type VertexKind =
  | "start"
  | "end"
  /** Runs a WASM part. */
  | "part"
  /** Runs in the engine itself: `wait`, `trigger_workflow`, `respond`, an `output` with config… */
  | "engine"
  /** Runs before all others: it takes the run's slot. */
  | "prologue"
  /** Runs after the end of the run: its final callback. */
  | "epilogue";

export type Vertex = {
  /** Unique in the plan: the node's name; of a node that is in several loops, or in and outside of one, with `@` and the name of its loop. */
  readonly key: string;
  readonly node: string;
  /** The loop stack: indices in `plan.loops`, outermost first. */
  readonly loops: readonly number[];
  readonly kind: VertexKind;
  /** Name of the part or engine component; `http_request` for a recipe. Empty for start and end. */
  readonly component: string;
  /** Canonical id, if the node is a recipe. */
  readonly recipe?: string;
  /** Set for a part that the tenant has uploaded: whatever is built in later under its name is another. */
  readonly uploaded?: true;
  /** The node's config minus `component`, templates unresolved. `undefined`: the node has none and receives the context. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly receives: "params" | "context";
  readonly effects: Effects;
  readonly lane: "steps" | "io";
  readonly mayPause: boolean;
  readonly join: Join;
  readonly retry: RetryPolicy;
  /** One attempt of a part that calls out, in milliseconds. */
  readonly timeoutMs: number;
  /** How long the node may stay paused, in milliseconds. */
  readonly waitMs: number;
  /** Start this long after it is ready, in milliseconds. */
  readonly delayMs: number;
  readonly onUnknown: "fail" | "hold";
  readonly concurrency?: Concurrency;
  readonly needs: Needs;
  /** Edge ids. */
  readonly incoming: readonly number[];
  readonly outgoing: readonly number[];
};

export type RunPolicy = {
  readonly timeoutMs?: number;
  /** How long the run is kept after its end, in milliseconds. */
  readonly retentionMs: number;
  /** The run has a slot before its first step, and until it ends. */
  readonly concurrency?: Concurrency;
  /** While a run of this workflow is going whose template gave the same, no other one is started. */
  readonly singleton?: { readonly key: string };
  /** URL that gets the signed result when the run ends. */
  readonly finalCallback?: string;
};

export type TriggerAuth =
  | { readonly kind: "key" }
  | { readonly kind: "public" }
  | { readonly kind: "signature"; readonly scheme: SignatureScheme; readonly secret: string };

export const SIGNATURE_SCHEMES = ["standard-webhooks", "github", "stripe", "slack"] as const;
export type SignatureScheme = (typeof SIGNATURE_SCHEMES)[number];

export type Plan = {
  readonly v: 1;
  readonly workflow: string;
  /** SHA-256 of the canonical form of the definition, hex. */
  readonly version: string;
  /** In topological order; the first is the virtual start, the last is the virtual end `output` if the flow names one. */
  readonly vertices: readonly Vertex[];
  readonly edges: readonly Edge[];
  /** Absent: none. */
  readonly loops?: readonly Loop[];
  readonly run: RunPolicy;
  readonly trigger: TriggerAuth;
  /** JSON Schema of the input. */
  readonly input?: unknown;
};

export const START_NODE = "input";
export const END_NODE = "output";

/** The name of the node that a vertex key belongs to. No name holds an `@`. */
export const nodeOfKey = (key: string): string => key.split("@", 1)[0] ?? key;
