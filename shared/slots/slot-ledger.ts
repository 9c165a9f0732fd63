/**
 * The slots of one key: who has one and who waits for one. The object that keeps them is a thin shell around this, the simulator
 * another one.
 *
 * Invariants
 * S1  A slot is given only while fewer steps than its taker's `limit` have one. A step has one at most.
 * S2  A slot is a lease. It ends with its release, at its deadline, with its boot, or when its run says that nobody works under it.
 *     While others wait the runs are asked, so that a lost release costs seconds.
 * S3  First come, first served. Who asks again keeps its place; who does not come any more is passed over.
 * S4  To whom a slot is handed is woken until it takes it, or its run says that it will not come.
 * S5  Every change is stored before it is answered; if storing fails, memory is thrown away and read again. When a run was last
 *     asked is in memory only: it is asked once more.
 */
import { MAX_SLOT_WAITERS, MINUTE_MS, SECOND_MS } from "../model/limits.ts";
import type { SlotRef, SlotReply, SlotWish } from "./slot-api.ts";
import type { Grant, SlotEntry, SlotStore } from "./slot-store.ts";

export type SlotDeps = {
  readonly store: SlotStore;
  now(): number;
  readonly boot: string;
  /** How often the runs that have slots are asked while others wait. */
  readonly askMs: number;
};

export type SlotLedger = {
  readonly deps: SlotDeps;
  /** Both in the order in which they came. */
  readonly holders: Map<string, SlotEntry>;
  readonly waiters: Map<string, SlotEntry>;
  readonly askedAt: Map<string, number>;
  readonly changes: Map<string, SlotEntry | null>;
  lastPlace: number;
};

/** Its run has not answered for so long: others have their turn, and it comes again by itself. */
export const HANDED_MS = 5 * MINUTE_MS;
/** Who waits asks again after as long as it has waited, within these. It only matters when this object forgot it. */
const MIN_LOOK_MS = 30 * SECOND_MS;
const MAX_LOOK_MS = 15 * MINUTE_MS;
const MAX_SHOWN_HOLDERS = 3;

const idOf = ({ runId, step }: Pick<SlotEntry, "runId" | "step">): string => JSON.stringify([runId, step]);

export function openSlots(deps: SlotDeps): SlotLedger {
  const ledger: SlotLedger = { deps, holders: new Map(), waiters: new Map(), askedAt: new Map(), changes: new Map(), lastPlace: 0 };
  reload(ledger);
  return ledger;
}

function reload(ledger: SlotLedger): void {
  const { deps, holders, waiters, askedAt, changes } = ledger;
  for (const map of [holders, waiters, askedAt, changes]) map.clear();
  for (const entry of deps.store.all().toSorted((one, other) => one.place - other.place)) {
    (entry.grant === null ? waiters : holders).set(entry.id, entry);
    ledger.lastPlace = entry.place;
  }
}

/** One synchronous turn: what is void goes, then the work, then whoever is next is handed what is free; all of it is stored together. */
export function change<T>(ledger: SlotLedger, work: (now: number) => T): T {
  const now = ledger.deps.now();
  try {
    for (const { id, grant } of ledger.holders.values()) if (grant !== null && isVoid(grant, ledger.deps, now)) remove(ledger, id);
    const result = work(now);
    handOut(ledger, now);
    if (ledger.changes.size > 0) ledger.deps.store.write(ledger.changes);
    ledger.changes.clear();
    return result;
  } catch (thrown) {
    reload(ledger);
    throw thrown;
  }
}

const isVoid = ({ until, boot }: Grant, deps: SlotDeps, now: number): boolean =>
  (until !== null && until <= now) || (boot !== null && boot !== deps.boot);

export function acquire(ledger: SlotLedger, wish: SlotWish): SlotReply {
  return change(ledger, (now): SlotReply => {
    const id = idOf(wish);
    const lease = ledger.holders.get(id)?.grant?.lease ?? 0;
    if (lease > wish.lease) return { kind: "stale" };
    const isLate = !ledger.holders.has(id) && !ledger.waiters.has(id) && ledger.waiters.size >= MAX_SLOT_WAITERS;
    if (!ledger.holders.has(id) && !isLate) enqueue(ledger, wish, now);
    handOut(ledger, now);
    const entry = ledger.holders.get(id);
    if (entry === undefined) return waiting(ledger, id, now);
    const until = wish.forMs === null ? null : now + wish.forMs;
    put(ledger, { ...entry, limit: wish.limit, grant: { lease: wish.lease, boot: wish.forMs === null ? null : ledger.deps.boot, until } });
    ledger.askedAt.set(id, now);
    return { kind: "granted" };
  });
}

export function release(ledger: SlotLedger, ref: SlotRef): void {
  change(ledger, () => {
    const id = idOf(ref);
    if (ledger.holders.get(id)?.grant?.lease === ref.lease) remove(ledger, id);
  });
}

/** Who waits already keeps its place; the workflow may have got another limit since. */
function enqueue(ledger: SlotLedger, { tenant, runId, step, workflow, node, limit }: SlotWish, now: number): void {
  const id = idOf({ runId, step });
  const known = ledger.waiters.get(id);
  if (known === undefined) ledger.lastPlace += 1;
  const { place, since } = known ?? { place: ledger.lastPlace, since: now };
  if (known?.limit !== limit) put(ledger, { id, tenant, runId, step, workflow, node, limit, place, since, grant: null });
}

/** The first in the queue is handed what is free, then the next (S1, S3). */
function handOut(ledger: SlotLedger, now: number): void {
  for (const entry of ledger.waiters.values()) {
    if (ledger.holders.size >= entry.limit) return;
    ledger.waiters.delete(entry.id);
    put(ledger, { ...entry, grant: { lease: null, boot: null, until: now + HANDED_MS } });
    ledger.askedAt.delete(entry.id);
  }
}

export function put(ledger: SlotLedger, entry: SlotEntry): void {
  (entry.grant === null ? ledger.waiters : ledger.holders).set(entry.id, entry);
  ledger.changes.set(entry.id, entry);
}

export function remove(ledger: SlotLedger, id: string): void {
  ledger.holders.delete(id);
  ledger.askedAt.delete(id);
  ledger.changes.set(id, null);
}

function waiting({ holders, waiters }: SlotLedger, id: string, now: number): SlotReply {
  const shown = [...holders.values()].slice(0, MAX_SHOWN_HOLDERS).map(({ runId, workflow, node }) => ({ runId, workflow, node }));
  const ahead = waiters.has(id) ? [...waiters.keys()].indexOf(id) : waiters.size;
  const waitedMs = now - (waiters.get(id)?.since ?? now);
  return {
    kind: "waiting",
    holders: shown,
    held: holders.size,
    ahead,
    lookAgainMs: Math.min(Math.max(waitedMs, MIN_LOOK_MS), MAX_LOOK_MS),
  };
}
