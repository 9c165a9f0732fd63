/** The consumer of `arcrun-dead-letters`: lays what failed for good on the desk (D1). The same letter twice is one letter. */
import { z } from "zod";
import { sha256Hex } from "../../shared/ids.ts";
import { type DeadLetter, ROLL_OUT_DELAY_SECONDS, StepHint, waitsForRollOut } from "../../shared/message.ts";
import { MAX_TRACE_VALUE_BYTES } from "../../shared/model/limits.ts";
import type { RunnerDeps } from "./deps.ts";

/** Letters about messages that name no tenant belong to the owner of the engine. */
export const OWNER_TENANT = "default";

const Letter = z.object({
  v: z.literal(1),
  letter: z.object({
    id: z.string(),
    tenant: z.string(),
    runId: z.string().nullable(),
    workflow: z.string().nullable(),
    node: z.string().nullable(),
    step: z.string().nullable(),
    error: z.looseObject({ code: z.string(), message: z.string(), retryable: z.boolean() }),
    fingerprint: z.string(),
    input: z.string().nullable(),
    at: z.number(),
  }),
});

/** What the broker itself moved here (a consumer that kept failing) is no letter yet: it becomes one, unless it is a mere hint. */
export async function consumeDeadLetters(batch: MessageBatch, deps: RunnerDeps): Promise<void> {
  const later = batch.messages.filter(waitsForRollOut);
  for (const message of later) message.retry({ delaySeconds: ROLL_OUT_DELAY_SECONDS });
  const letters = batch.messages.flatMap((message): readonly DeadLetter[] => {
    if (later.includes(message)) return [];
    const parsed = Letter.safeParse(message.body);
    if (parsed.success) return [parsed.data.letter];
    // The alarm of its run sends it again (R1).
    if (StepHint.safeParse(message.body).success) return [];
    return [unreadable(message, batch.queue, deps.now())];
  });
  try {
    if (letters.length > 0) await deps.index.addDeadLetters(letters);
    batch.ackAll();
  } catch (thrown) {
    deps.log("dead_letters.failed", { count: letters.length, error: String(thrown) });
    batch.retryAll({ delaySeconds: 5 });
  }
}

export function unreadable(message: Message, queue: string, now: number): DeadLetter {
  const body = JSON.stringify(message.body) ?? "undefined";
  return {
    id: `dl_${sha256Hex(JSON.stringify([queue, message.id])).slice(0, 32)}`,
    tenant: OWNER_TENANT,
    runId: null,
    workflow: null,
    node: null,
    step: null,
    error: { code: "message.unreadable", message: `a message of ${queue} is none that this version knows`, retryable: false },
    fingerprint: sha256Hex(JSON.stringify(["message.unreadable", queue])).slice(0, 32),
    input: body.slice(0, MAX_TRACE_VALUE_BYTES),
    at: now,
  };
}
