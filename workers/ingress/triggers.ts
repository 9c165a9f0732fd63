/**
 * The consumer of `arcrun-triggers`: each message becomes one run, or lies on the dead-letter desk with its reason. Each is
 * acked or retried by itself, and nothing is thrown.
 */
import { decodeInput } from "../../shared/codec.ts";
import { sha256Hex } from "../../shared/ids.ts";
import { logError } from "../../shared/log-error.ts";
import { type DeadLetter, ROLL_OUT_DELAY_SECONDS, TriggerMessage, waitsForRollOut } from "../../shared/message.ts";
import { ArcrunError, type ErrorInfo, toErrorInfo } from "../../shared/model/errors.ts";
import type { Catalogue } from "../../shared/ports.ts";
import { type StartDeps, startRun } from "../../shared/start-run.ts";

const MAX_TRIES = 3;
const MAX_RETRY_SECONDS = 60;
const MAX_SHOWN_CHARS = 4096;
const UNKNOWN_TENANT = "default";

export type TriggerDeps = StartDeps & {
  readonly catalogue: Catalogue;
  now(): number;
  /** Rejects if the letter did not get there. */
  sendDeadLetter(letter: DeadLetter): Promise<void>;
};

type Delivered = Pick<Message, "id" | "body" | "attempts" | "ack" | "retry">;

export async function consumeTriggers(deps: TriggerDeps, messages: readonly Delivered[]): Promise<void> {
  await Promise.all(messages.map((message) => consumeOne(deps, message)));
}

async function consumeOne(deps: TriggerDeps, message: Delivered): Promise<void> {
  if (waitsForRollOut(message)) return message.retry({ delaySeconds: ROLL_OUT_DELAY_SECONDS });
  try {
    const failure = await startFrom(deps, message).catch(toErrorInfo);
    if (failure?.retryable === true && message.attempts < MAX_TRIES)
      return message.retry({ delaySeconds: Math.min(2 ** message.attempts, MAX_RETRY_SECONDS) });
    if (failure) await deps.sendDeadLetter(deadLetter(message, failure, deps.now()));
    message.ack();
  } catch (thrown) {
    logError("trigger.not_consumed", thrown, { message: message.id });
    message.retry({ delaySeconds: MAX_RETRY_SECONDS });
  }
}

/** Nothing if a run was started, by this delivery or an earlier one of the same message. */
async function startFrom(deps: TriggerDeps, { id, body }: Delivered): Promise<undefined> {
  const parsed = TriggerMessage.safeParse(body);
  if (!parsed.success) throw new ArcrunError("message.unreadable", `not a trigger of version 1: ${parsed.error.issues[0]?.message ?? ""}`);
  const { tenant, workflow: name, input, idempotency_key } = parsed.data;
  const inputJson = JSON.stringify(decodeInput(input));
  const workflow = await deps.catalogue.newest(tenant, name);
  if (!workflow) throw new ArcrunError("not_found", `there is no workflow ${name}`);
  const idempotency = idempotency_key === undefined ? { source: "message", key: id } : { source: "queue", key: idempotency_key };
  await startRun(deps, { tenant, workflow, inputJson, origin: { kind: "queue", depth: 0 }, idempotency });
  return undefined;
}

/** Named by the message, so that a second report of it is the same letter. */
function deadLetter({ id, body }: Delivered, error: ErrorInfo, at: number): DeadLetter {
  const fields = new Map<string, unknown>(typeof body === "object" && body !== null ? Object.entries(body) : []);
  const text = (name: string, otherwise: string | null) => {
    const value = fields.get(name);
    return typeof value === "string" && value.length <= 128 && value !== "" ? value : otherwise;
  };
  const tenant = text("tenant", null) ?? UNKNOWN_TENANT;
  const workflow = text("workflow", null);
  return {
    id: `dl_${sha256Hex(JSON.stringify(["message", tenant, id])).slice(0, 32)}`,
    tenant,
    runId: null,
    workflow,
    node: null,
    step: null,
    error,
    fingerprint: sha256Hex(JSON.stringify(["message", workflow, error.code])).slice(0, 16),
    input: (JSON.stringify(body) ?? "null").slice(0, MAX_SHOWN_CHARS),
    at,
  };
}
