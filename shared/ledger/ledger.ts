/**
 * The ledger of one run: the only writer of its log. The run object is a thin shell around it, the simulator another one.
 *
 * Invariants
 * L1  Every change goes through `commit`: the rows are stored, then folded; if storing fails, memory is thrown away and the log is truth.
 * L2  Leases of pure steps and what was hinted live in memory only; losing them costs a second execution or message, nothing else.
 * L3  Nothing here waits: every method is one synchronous turn, so no two of them interleave.
 * L4  What index and desk were told is remembered in memory only; a ledger that does not remember tells them again.
 */
import { apply, fold } from "../model/fold.ts";
import type { RunState, Step } from "../model/run-state.ts";
import { ENGINE_VERSION, type EventOf, type LogRow, type RunEvent } from "../model/log.ts";
import { isStepTerminal, type RunStatus } from "../model/run.ts";
import type { LeaseRef } from "../run-api.ts";
import type { LogStore } from "../log-store.ts";

export type SchemaProblem = { readonly pointer: string; readonly detail: string };

export type LedgerDeps = {
  readonly store: LogStore;
  /** Milliseconds of the epoch. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  /** Durable leases of another boot are void. */
  readonly boot: string;
  /** A hint that nobody claimed is sent again after so many milliseconds, and after twice as many each time. */
  readonly resendMs: number;
  /** How often a durable lease is looked at before its time is over; infinity where processes do not die as a whole. */
  readonly leaseCheckMs: number;
  readonly sha256Hex: (text: string) => string;
  /** Empty: the value fits. */
  validate(schema: unknown, value: unknown): readonly SchemaProblem[];
};

/** A lease that is kept in memory: of a pure step. */
export type VolatileLease = { readonly number: number; readonly until: number };
export type Hinted = { readonly at: number; readonly times: number };

/** Something that is to be said to another run, and was said at least once. */
export type Tried = { readonly at: number; readonly times: number; readonly isDone: boolean };

export type Ledger = {
  readonly deps: LedgerDeps;
  /** Undefined: the run has not started, this object knows nothing. */
  state: RunState | undefined;
  readonly leases: Map<string, VolatileLease>;
  /** Leases of pure steps that were handed out with a settlement: good for an outcome, no hindrance to a claim. */
  readonly offers: Map<string, number>;
  readonly hinted: Map<string, Hinted>;
  /** Steps that are ready and were not hinted yet: the window of hints was full. */
  readonly unhinted: Set<string>;
  /** Parts of the lists of loops that were read last, by row. */
  readonly listRows: Map<number, EventOf<"step.listed">>;
  /** By key (`kin.ts`). */
  readonly errands: Map<string, Tried>;
  /** The status that index and desk were last told in this life; undefined: they may know nothing, or something older. */
  reported: RunStatus | undefined;
  /** How often the index was told in this life, and when last. */
  told: { readonly times: number; readonly at: number };
};

const PAGE = 1000;

/** Opens what the store holds. */
export function openLedger(deps: LedgerDeps): Ledger {
  const ledger: Ledger = {
    deps,
    state: undefined,
    leases: new Map(),
    offers: new Map(),
    hinted: new Map(),
    unhinted: new Set(),
    listRows: new Map(),
    errands: new Map(),
    reported: undefined,
    told: { times: 0, at: 0 },
  };
  reload(ledger);
  return ledger;
}

function reload(ledger: Ledger): void {
  ledger.state = fold(allRows(ledger.deps.store));
  ledger.leases.clear();
  ledger.offers.clear();
  ledger.hinted.clear();
  ledger.unhinted.clear();
  ledger.listRows.clear();
  ledger.errands.clear();
  ledger.reported = undefined;
  for (const key of ledger.state?.readied.splice(0) ?? []) ledger.unhinted.add(key);
}

export function* allRows(store: LogStore): Generator<LogRow> {
  for (let after = 0; ;) {
    const rows = store.read(after, PAGE);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.seq;
  }
}

/** Collects events of one method and stores them together: one transaction, then the fold has them already (L1). */
export type Transaction = { readonly record: (event: RunEvent) => RunState; readonly now: number };

export function transact<T>(ledger: Ledger, work: (transaction: Transaction) => T): T {
  const now = ledger.deps.now();
  const rows: LogRow[] = [];
  try {
    const result = work({
      now,
      record(given) {
        const isOlder = ledger.state !== undefined && ledger.state.engine < ENGINE_VERSION;
        const event = isOlder ? { ...given, engine: ENGINE_VERSION } : given;
        const row: LogRow = { seq: (ledger.state?.seq ?? 0) + 1, at: now, event };
        ledger.state = apply(ledger.state, row);
        rows.push(row);
        return ledger.state;
      },
    });
    if (rows.length > 0) ledger.deps.store.append(rows);
    for (const key of ledger.state?.readied.splice(0) ?? []) ledger.unhinted.add(key);
    return result;
  } catch (thrown) {
    reload(ledger);
    throw thrown;
  }
}

/** A pure step's lease, if it is still good. */
export function volatileLease(ledger: Ledger, key: string, now: number): VolatileLease | undefined {
  const lease = ledger.leases.get(key);
  return lease !== undefined && lease.until > now ? lease : undefined;
}

export const isLeased =
  (ledger: Ledger, now: number) =>
  (key: string): boolean =>
    volatileLease(ledger, key, now) !== undefined;

/** Higher than every one before: the log has them all. So a zombie's lease never equals a live one, and a slot knows which is newer (R3). */
export const nextDurableLease = ({ lastLease }: RunState): number => lastLease + 1;

/** Nobody remembers those that were given before; nobody draws one of them again. */
export const drawLease = (deps: LedgerDeps): number => Math.floor(deps.random() * Number.MAX_SAFE_INTEGER);

/** Its leases are in memory only. Who has a slot is leased durably: the slot is his as long as the log says so. */
export const isPure = ({ vertex }: Step): boolean => vertex.effects === "pure" && vertex.concurrency === undefined;

/** The step, if its attempt is the live one, whoever holds the lease. */
export function attemptedStep(ledger: Ledger, { step: key, generation, attempt }: LeaseRef): Step | undefined {
  const step = ledger.state?.steps.get(key);
  const isLive = step !== undefined && !isStepTerminal(step.status) && step.generation === generation && step.attempt === attempt;
  return isLive ? step : undefined;
}

/** The step, if the lease is the live one. */
export function liveStep(ledger: Ledger, ref: LeaseRef): Step | undefined {
  const step = attemptedStep(ledger, ref);
  if (step === undefined) return undefined;
  const live = isPure(step) ? (ledger.leases.get(step.key)?.number ?? ledger.offers.get(step.key)) : step.lease?.number;
  return live === ref.lease ? step : undefined;
}
