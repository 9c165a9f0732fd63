/** What the Workers and the object that keeps the slots of one key say to each other. Plain data. */

/** A key is of steps, of runs, or of a workflow of which only one run may go. They are kept apart: a run may have one of each. */
export type SlotKind = "step" | "run" | "singleton";

/** Who has a slot, or wants one: a step of a run. */
export type SlotUser = {
  readonly tenant: string;
  readonly runId: string;
  readonly step: string;
  /** For people who ask behind what they wait. */
  readonly workflow: string;
  readonly node: string;
};

export type SlotWish = SlotUser & {
  /** Of the attempt that wants it. */
  readonly lease: number;
  readonly limit: number;
  /** It is void after so long; null: it is kept until it is given back, or the run says that it is over. */
  readonly forMs: number | null;
};

export type SlotHolder = Pick<SlotUser, "runId" | "workflow" | "node">;

export type SlotReply =
  | { readonly kind: "granted" }
  /** `ahead`: how many come before it. `lookAgainMs`: to ask again after so long, should nobody wake it. */
  | {
      readonly kind: "waiting";
      readonly holders: readonly SlotHolder[];
      readonly held: number;
      readonly ahead: number;
      readonly lookAgainMs: number;
    }
  /** A later lease of the same step has it. */
  | { readonly kind: "stale" };

export type SlotRef = Pick<SlotUser, "runId" | "step"> & { readonly lease: number };

/** The run that goes; or it is this one, which may start; or one was told so and has not started yet. */
export type SingletonReply =
  | { readonly kind: "yours" }
  | { readonly kind: "going"; readonly runId: string }
  | { readonly kind: "starting" };

export type SlotApi = {
  acquire(wish: SlotWish): Promise<SlotReply>;
  /** Nothing happens if it has none under this lease. */
  release(ref: SlotRef): Promise<void>;
  /** May this run start, where only one may go? Who may does so at once. */
  claimSingleton(tenant: string, runId: string): Promise<SingletonReply>;
};

/** `key` is what the template gave; of a singleton the workflow is a part of it. */
export type Slots = { of(tenant: string, kind: SlotKind, key: string): SlotApi };
