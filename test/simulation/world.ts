/** The world around one simulated ledger: virtual time, faults, crashes, the store, the alarm, and what is under way. */
import { takeErrands } from "../../shared/ledger/kin.ts";
import { type Ledger, openLedger } from "../../shared/ledger/ledger.ts";
import { nextSweepAt } from "../../shared/ledger/sweep.ts";
import type { LogStore } from "../../shared/log-store.ts";
import type { Errand, Holding } from "../../shared/errand.ts";
import type { Assignment, Outcome } from "../../shared/run-api.ts";
import { audit, type Auditor, createAuditor } from "./auditor.ts";
import { latestAlarm } from "./latest-alarm.ts";
import type { OtherRun, Waiter } from "./other-run.ts";
import { createPrng, type Prng } from "./prng.ts";
import type { Scenario, SimulationOptions } from "./scenario.ts";
import { createSlotWorld, type SlotWorld } from "./slot-state.ts";
import { createSurvivingLog } from "./surviving-log.ts";
import { Violation } from "./violation.ts";

export const FAULT_KINDS = [
  "drop",
  "duplicate",
  "delay",
  "crash",
  "evict",
  "append",
  "clockJump",
  "zombie",
  "doubleSettle",
  "lateAlarm",
  "doubleAlarm",
  "earlyAnswer",
  "doubleAnswer",
  "conflictingAnswer",
  "lateAnswer",
  "noAnswer",
  "cancel",
  "redrive",
  "lostInCrash",
  "useOffer",
  "goOn",
  "alongLine",
  "release",
  "storeAway",
  "yield",
  "replan",
  "lostGrant",
  "lateGrant",
  "lostWake",
  "lateWake",
  "lostRelease",
  "doubleRelease",
  "earlyEnd",
  "lostNotice",
  "lateNotice",
  "doubleNotice",
  "childRedrive",
  "watched",
  "watchAgain",
  "ownerGone",
  "lostErrand",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

class Crashed extends Error {}
class StoreFailed extends Error {}
const refused = (): never => {
  throw STORE_FAILED;
};
// Made once: they are thrown a million times, and nobody reads their stacks.
const CRASHED = new Crashed("the process died");
export const STORE_FAILED = new StoreFailed("the disk is full");

export type Task = {
  readonly at: number;
  /** Tasks of a runner die with the process, messages may get lost in it; the others are outside, or go on for ever (slots). */
  readonly kind: "message" | "runner" | "outside" | "slots";
  readonly sentAt: number;
  readonly key?: string;
  readonly outcomes?: readonly Outcome[];
  run(): void;
};

export type World = {
  readonly scenario: Scenario;
  readonly options: SimulationOptions;
  readonly random: Prng;
  readonly store: LogStore;
  readonly auditor: Auditor;
  readonly counts: Record<FaultKind, number>;
  readonly tasks: Task[];
  /** What the runner keeps in memory, by step. */
  readonly offers: Map<string, Assignment>;
  readonly slots: SlotWorld;
  /** Called after every settlement: people may want to change something. */
  onChange: () => void;
  /** Called for everything that is said to other runs. */
  onErrand: (errand: Errand) => void;
  readonly others: Map<string, OtherRun>;
  readonly waiters: Map<string, Waiter>;
  /** What the owner says when it is asked; and since when it is gone. */
  owner: Holding;
  ownerGoneAt: number | undefined;
  /** How often the owner was asked. */
  asked: number;
  /** True time, and what the wall clock is ahead of it, in milliseconds. */
  time: number;
  offset: number;
  calmAt: number;
  boot: number;
  ledger: Ledger | undefined;
  alarmAt: number | null;
  /** Alarms in a row that changed nothing, and when the first of them rang. */
  idleAlarms: number;
  idleSince: number;
  points: number;
  sent: number;
  executions: number;
};

const RESEND_MS = 5000;
const LEASE_CHECK_MS = 7000;
const EPOCH = 1_700_000_000_000;

export function createWorld(scenario: Scenario, options: SimulationOptions): World {
  const store = createSurvivingLog();
  const random = createPrng(options.seed);
  return {
    scenario,
    options,
    random,
    store,
    auditor: createAuditor(scenario.script, store),
    // A record from the list of its own keys.
    counts: Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>,
    tasks: [],
    offers: new Map(),
    slots: createSlotWorld(),
    onChange: () => undefined,
    onErrand: () => undefined,
    others: new Map(),
    waiters: new Map(),
    owner: "unclear",
    ownerGoneAt: undefined,
    asked: 0,
    time: EPOCH,
    offset: 0,
    calmAt: EPOCH + (options.chaos === 0 ? 0 : 120_000),
    boot: 1,
    ledger: undefined,
    alarmAt: null,
    idleAlarms: 0,
    idleSince: EPOCH,
    points: 0,
    sent: 0,
    executions: 0,
  };
}

export const wallClock = ({ time, offset }: World): number => time + offset;
export const isCalm = ({ time, calmAt }: World): boolean => time >= calmAt;

export function fault(world: World, kind: FaultKind, probability: number): boolean {
  if (isCalm(world) || !world.random.chance(probability * world.options.chaos)) return false;
  world.counts[kind] += 1;
  return true;
}

/** A place at which the process may die: before and after everything that it waits for. */
export function crashPoint(world: World): void {
  world.points += 1;
  if (world.options.crashAt !== world.points && !fault(world, "crash", 0.02)) return;
  world.boot += 1;
  world.ledger = undefined;
  world.offers.clear();
  world.slots.working.clear();
  const survives = ({ kind }: Task) => kind === "outside" || kind === "slots" || isKept(world);
  const tasks = world.tasks.splice(0).filter((task) => survives(task) || (world.counts.lostInCrash += 1) < 0);
  world.tasks.push(...tasks);
  throw CRASHED;
}

const isKept = ({ options, random }: World): boolean => (options.onCrash === undefined ? random.chance(0.5) : options.onCrash === "keep");

export function ledgerOf(world: World): Ledger {
  if (fault(world, "evict", 0.03)) world.ledger = undefined;
  world.ledger ??= openLedger({
    store: { ...world.store, append: (rows) => world.store.append(fault(world, "append", 0.02) ? refused() : rows) },
    now: () => wallClock(world),
    random: () => world.random.next(),
    boot: `boot-${world.boot}`,
    resendMs: RESEND_MS,
    leaseCheckMs: LEASE_CHECK_MS,
    sha256Hex: (text) => `hash of ${text}`,
    validate: () => [],
  });
  return world.ledger;
}

/** One turn of the run object: it may die before and after; between, rows and alarm are committed together. */
export function call<T>(world: World, work: (ledger: Ledger) => T): T {
  crashPoint(world);
  const ledger = ledgerOf(world);
  try {
    const result = work(ledger);
    const errands = takeErrands(ledger);
    arm(world, ledger);
    audit(world.auditor, ledger);
    for (const errand of errands) world.onErrand(errand);
    crashPoint(world);
    return result;
  } catch (thrown) {
    // What was committed before the crash is audited, too; a violation that is there already says more than the next one.
    if (!(thrown instanceof Violation)) audit(world.auditor, ledger);
    throw thrown;
  }
}

/** Whoever calls the run object learns only that the call failed, and does something about it. */
export function attempt(world: World, work: () => void, onFailure: () => void): void {
  try {
    work();
  } catch (thrown) {
    if (!(thrown instanceof Crashed) && !(thrown instanceof StoreFailed)) throw thrown;
    onFailure();
  }
}

/** When the oldest message that is under way was sent. */
export const oldestMessage = ({ tasks }: World): number =>
  Math.min(...tasks.filter(({ kind }) => kind === "message").map(({ sentAt }) => sentAt));

export const isWaitedFor = ({ waiters }: World): boolean => [...waiters.values()].some(({ awaits }) => awaits !== undefined);

/** As the run object does it: an alarm is only ever moved to an earlier time. */
function arm(world: World, ledger: Ledger): void {
  const due = nextSweepAt(ledger);
  const wanted = latestAlarm(ledger, wallClock(world), `boot-${world.boot}`, isWaitedFor(world));
  if (!(due <= wanted)) throw new Violation(`C7: the alarm is wanted at ${due}, something is due at ${wanted}`);
  if (due !== Number.POSITIVE_INFINITY && (world.alarmAt === null || due < world.alarmAt)) world.alarmAt = due;
}

export function schedule(
  world: World,
  kind: Task["kind"],
  delayMs: number,
  run: () => void,
  more: { readonly key?: string; readonly outcomes?: readonly Outcome[] } = {},
): void {
  world.tasks.push({ kind, at: world.time + delayMs, sentAt: wallClock(world), run, ...more });
}
