/** When the alarm of a run must be set for, told by another way than the ledger's own. */
import type { Ledger } from "../../shared/ledger/ledger.ts";
import type { Step } from "../../shared/model/run-state.ts";

const MAX_RESEND_MS = 15 * 60_000;

const SLACK_MS = MAX_RESEND_MS + 3_600_000;

/** Ready, and not told to wait: due whatever the clock shows. */
const isAtOnce = ({ status, vertex }: Step): boolean => status === "ready" && vertex.delayMs === 0;

/** When an alarm must ring at the latest, said anew from the state. `isWaitedFor`: somebody has to be told of the end. */
export function latestAlarm({ state, leases }: Ledger, now: number, boot: string, isWaitedFor: boolean): number {
  const times = [...(state?.live ?? [])].map((step) => {
    if (step.status === "unknown") return Number.POSITIVE_INFINITY;
    const volatile = leases.get(step.key)?.until ?? 0;
    const isHeld = step.lease !== undefined && step.status === "running" && step.lease.boot === boot;
    const isForfeit = step.status === "running" && !isHeld;
    const due = isForfeit
      ? now
      : Math.min(
          isHeld ? (step.lease?.until ?? now) : isAtOnce(step) ? now : step.dueAt,
          step.status === "waiting" && step.queued === undefined ? (step.wait?.expiresAt ?? now) : Number.POSITIVE_INFINITY,
        );
    return volatile > now ? volatile : due > now ? due : now + SLACK_MS;
  });
  return Math.min(...times, state?.ended !== undefined && isWaitedFor ? now + SLACK_MS : Number.POSITIVE_INFINITY);
}
