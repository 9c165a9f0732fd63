/**
 * A step with `policy.concurrency` takes a slot before it begins and gives it back when its outcome is committed. Without one it is
 * paused; the object of the key wakes it when it is its turn.
 */
import { LEASE_GRACE_MS } from "../../shared/ledger/claim.ts";
import { SECOND_MS } from "../../shared/model/limits.ts";
import { resolveConfig } from "../../shared/model/expression/template.ts";
import { keyText } from "../../shared/slots/resolve-key.ts";
import type { SlotApi, SlotKind, SlotRef, SlotReply } from "../../shared/slots/slot-api.ts";
import { slotNote } from "../../shared/slots/slot-note.ts";
import type { Assignment, Outcome } from "../../shared/run-api.ts";
import type { Attempt, Paused } from "./attempt.ts";
import type { RunnerDeps } from "./deps.ts";

/** The slots that the steps of one settlement took. */
export type TakenSlot = { readonly slots: SlotApi; readonly ref: SlotRef };

/** The object of the key does not answer: as long as that. */
const UNREACHABLE_MS = 2 * SECOND_MS;

/** Undefined: the step may begin. `taken` gets what is to be given back. */
export async function takeSlot(
  { assignment, scope }: Attempt,
  names: ReadonlySet<string>,
  taken: TakenSlot[],
  deps: RunnerDeps,
): Promise<Outcome["result"] | undefined> {
  const { concurrency, node } = assignment.vertex;
  // An answer is only taken over: nothing runs.
  if (concurrency === undefined || assignment.resume?.kind === "answered") return undefined;
  const key = keyText(resolveConfig(concurrency.key, scope, { node, names }));
  const { limit } = concurrency;
  const reply = await acquireSlot(assignment, { kind: "step", key, limit, forMs: assignment.timeoutMs + LEASE_GRACE_MS }, deps);
  if (reply.kind === "granted") {
    const { run, step, lease } = assignment;
    taken.push({ slots: deps.slots.of(run.tenant, "step", key), ref: { runId: run.id, step, lease } });
    return undefined;
  }
  return reply.kind === "stale" ? { kind: "released" } : reply;
}

type Wanted = { readonly kind: SlotKind; readonly key: string; readonly limit: number; readonly forMs: number | null };

export async function acquireSlot(
  { run, step, lease, vertex }: Assignment,
  { kind, key, limit, forMs }: Wanted,
  deps: RunnerDeps,
): Promise<Exclude<SlotReply, { readonly kind: "waiting" }> | Paused> {
  const user = { tenant: run.tenant, runId: run.id, step, workflow: run.workflow, node: vertex.node };
  const paused = (ms: number, note: string): Paused => ({ kind: "paused", reason: "concurrency", dueAt: deps.now() + ms, note });
  try {
    const reply = await deps.slots.of(run.tenant, kind, key).acquire({ ...user, lease, limit, forMs });
    return reply.kind === "waiting" ? paused(reply.lookAgainMs, slotNote(key, limit, reply)) : reply;
  } catch (thrown) {
    deps.log("slots.not_reached", { run: run.id, step, error: String(thrown) });
    return paused(UNREACHABLE_MS, `the slots of ${JSON.stringify(key)} do not answer; it is tried again in a moment`);
  }
}

/** Never rejects: a release that is lost is found out by the object of the key. */
export async function giveBack(taken: readonly TakenSlot[], deps: Pick<RunnerDeps, "log">): Promise<void> {
  await Promise.all(
    taken.map(({ slots, ref }) =>
      slots.release(ref).catch((thrown: unknown) => deps.log("slots.not_released", { run: ref.runId, error: String(thrown) })),
    ),
  );
}
