/** One row of the table of examples: how `examples/workflows/FILE.yaml` is run, and what must come of it. */
import type { World } from "../outside-world.ts";

export type Run = {
  readonly run_id: string;
  readonly status: string;
  readonly output: unknown;
  readonly error: { readonly code: string } | null;
  readonly waiting: readonly {
    readonly node: string;
    readonly reason: string;
    readonly callback_url?: string;
    readonly task_id?: string;
  }[];
  readonly trace: readonly { readonly node: string; readonly status: string; readonly attempt: number }[];
};

/** What a row may do while its run is under way. */
export type Stage = {
  readonly world: World;
  readonly runId: string;
  /** The run, as soon as it waits for this reason. */
  readonly waiting: (reason: string) => Promise<Run>;
  /** What a daemon, a courier or a person says. Gives the status of the answer. */
  readonly answer: (callbackUrl: string | undefined, body: unknown) => Promise<number>;
  readonly call: (
    method: string,
    path: string,
    sent?: Sent,
  ) => Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }>;
};
export type Sent = {
  readonly body?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: false;
};

export type Example = {
  readonly file: string;
  /** What tells two rows of one file apart. */
  readonly when?: string;
  /** `$WORLD` in it is the address of the outside world. */
  readonly input: unknown;
  /** Goes behind the address of the trigger. */
  readonly query?: string;
  readonly status?: "succeeded" | "failed" | "cancelled";
  readonly output?: unknown;
  readonly error?: string;
  /** The statuses of all its steps; of a loop's as a list, in their order. */
  readonly steps?: Readonly<Record<string, string | readonly string[]>>;
  /** What the drawing says of its loops. */
  readonly frames?: readonly string[];
  /** Codes of the warnings at push. */
  readonly warnings?: readonly string[];
  /** Files that must be pushed before. */
  readonly also?: readonly string[];
  readonly before?: (stage: Omit<Stage, "runId" | "waiting">) => Promise<unknown>;
  /** Instead of the trigger with a key; gives the id of the run. */
  readonly start?: (stage: Omit<Stage, "runId" | "waiting">) => Promise<string>;
  readonly play?: (stage: Stage) => Promise<unknown>;
  readonly after?: (stage: Stage) => Promise<unknown>;
};
