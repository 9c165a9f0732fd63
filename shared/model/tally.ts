/** What became of a run so far, counted: small however many items its loops have. What drawings and boards are made from. */
import type { StepStatus } from "./run.ts";

export type Counts = { readonly [S in StepStatus]?: number };

/** Of a loop, all its passes together: items that ended well, that failed, and that are known of. */
export type LoopTally = { readonly ok: number; readonly failed: number; readonly count: number };

export type RunTally = {
  /** By index in `plan.vertices`. */
  readonly vertices: readonly Counts[];
  /** By index in `plan.edges`; an edge that both was taken and died (for different items) was taken. */
  readonly edges: readonly ("taken" | "dead" | "open")[];
  /** By index in `plan.loops`. */
  readonly loops: readonly LoopTally[];
};

/** One status for all steps of a vertex: what needs attention first. */
const BY_URGENCY: readonly StepStatus[] = [
  "running",
  "unknown",
  "waiting",
  "retrying",
  "ready",
  "failed",
  "cancelled",
  "succeeded",
  "skipped",
];

export const overallStatus = (counts: Counts | undefined): StepStatus | undefined =>
  BY_URGENCY.find((status) => (counts?.[status] ?? 0) > 0);

/** `12/30 ok, 2 failed` */
export const tallyText = ({ ok, failed, count }: LoopTally): string => `${ok}/${count} ok${failed === 0 ? "" : `, ${failed} failed`}`;

export function tallyOf(counts: Counts): LoopTally {
  const count = Object.values(counts).reduce((sum, n) => sum + n, 0);
  return { ok: (counts.succeeded ?? 0) + (counts.skipped ?? 0), failed: counts.failed ?? 0, count };
}
