import { MAX_RPC_BYTES } from "../../shared/model/limits.ts";
import type { PartOutcome } from "./part-host.ts";

/** What an isolate hands to the runner: a call that is too long to be carried ends the part. */
export function carried(outcome: PartOutcome): PartOutcome {
  if (outcome.kind !== "called" || outcome.request.byteLength <= MAX_RPC_BYTES) return outcome;
  const message = `the part made a call of ${outcome.request.byteLength} bytes, ${MAX_RPC_BYTES} can be carried`;
  return { kind: "failed", error: { code: "part.output_too_large", message, retryable: false }, stderr: "", fuelUsed: outcome.fuelUsed };
}
