/** What travels through the queues. Messages are wake-up hints: ids only, versioned, under 2 KB; losing or doubling one is harmless (R1). */
import { z } from "zod";
import type { ErrorInfo } from "./model/errors.ts";
import { MAX_STEP_KEY_CHARS } from "./model/limits.ts";

const Id = z.string().min(1).max(128);

export const StepHint = z.object({
  v: z.literal(1),
  tenant: Id,
  run: Id,
  step: z.string().min(1).max(MAX_STEP_KEY_CHARS),
});
/** "Look whether this step is ready." */
export type StepHint = z.infer<typeof StepHint>;

const NewerMessage = z.looseObject({ v: z.int().min(2) });
const WAITS_FOR_ROLL_OUT_TRIES = 4;

/** In a roll-out one Worker is newer than the other for a while. What this one does not know yet comes again, until the tries of its queue are used up. */
export const waitsForRollOut = ({ body, attempts }: { readonly body: unknown; readonly attempts: number }): boolean =>
  attempts < WAITS_FOR_ROLL_OUT_TRIES && NewerMessage.safeParse(body).success;

/** A roll-out takes minutes. */
export const ROLL_OUT_DELAY_SECONDS = 60;

export type Lane = "steps" | "io";
export type LaneHint = { readonly lane: Lane; readonly hint: StepHint };

/** A message of `arcrun-triggers`: another Worker's wish to start a run. `payload` is superjson text. */
export const TriggerMessage = z.object({
  v: z.literal(1),
  tenant: Id,
  workflow: z.string().min(1).max(64),
  input: z.string(),
  idempotency_key: z.string().min(1).max(255).optional(),
});
export type TriggerMessage = z.infer<typeof TriggerMessage>;

/** A message of `arcrun-dead-letters`. */
export type DeadLetterMessage =
  | { readonly v: 1; readonly kind: "step"; readonly letter: DeadLetter }
  | { readonly v: 1; readonly kind: "message"; readonly letter: DeadLetter };

/** What lies on the desk. `id` is derived from what failed, so the same failure reported twice is one letter. */
export type DeadLetter = {
  readonly id: string;
  readonly tenant: string;
  readonly runId: string | null;
  readonly workflow: string | null;
  readonly node: string | null;
  readonly step: string | null;
  readonly error: ErrorInfo;
  readonly fingerprint: string;
  /** JSON text of what the step received, or of the message that could not be read; cut at 4 KB. */
  readonly input: string | null;
  readonly at: number;
};
