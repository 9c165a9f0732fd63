/** What run objects say to each other; see `ledger/kin.ts`. */
import type { AwaitedRun } from "./model/log.ts";

export type StepRef = { readonly step: string; readonly generation: number };

/** To a step: this run has ended. */
export type Notice = StepRef & { readonly run: AwaitedRun; readonly failed: boolean };

/** Whether a step waits for a run: it does, it never will again, or it may be about to. */
export type Holding = "held" | "gone" | "unclear";

/** What a run object has to say to that of another run; `key` is its name among them. */
export type Errand = { readonly key: string; readonly runId: string } & (
  | { readonly kind: "tell"; readonly notices: readonly Notice[] }
  | { readonly kind: "cancel"; readonly life: number; readonly reason: string }
  | { readonly kind: "ask"; readonly step: StepRef; readonly asker: string }
);
export type ErrandReply = "done" | Holding;
