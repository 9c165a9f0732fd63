/**
 * The slots of the simulated world: one key of steps and one of runs, their ledgers, alarms and faults, and foreign runs that want the
 * same slots. Checks that never more than the limit are at work.
 */
import { slot, slotOfRun } from "../../shared/ledger/slots.ts";
import { isVoid } from "../../shared/model/due.ts";
import { PROLOGUE_KEY } from "../../shared/model/prologue.ts";
import type { Assignment } from "../../shared/run-api.ts";
import type { SlotReply } from "../../shared/slots/slot-api.ts";
import { acquire, openSlots, release, type SlotLedger } from "../../shared/slots/slot-ledger.ts";
import { heard, nextQuestionAt, type SlotQuestion, questions } from "../../shared/slots/slot-questions.ts";
import type { Foreign, SlotKind } from "./slot-state.ts";
import { fail } from "./violation.ts";
import { attempt, call, crashPoint, fault, schedule, STORE_FAILED, wallClock, type World } from "./world.ts";

const ASK_MS = 5000;
export const STEP_SLOT_MS = 25_000;
const RUN = { tenant: "t", workflow: "simulated", node: "n" };

export function limitOf({ scenario: { plan } }: World, kind: SlotKind): number | undefined {
  return kind === "run" ? plan.run.concurrency?.limit : plan.vertices.flatMap(({ concurrency }) => concurrency?.limit ?? [])[0];
}

/** One turn of the object of a key: it may die before and after; whom it asks is asked behind the caller's back. */
function turn<T>(world: World, kind: SlotKind, work: (ledger: SlotLedger) => T): T {
  crashPoint(world);
  const key = world.slots.keys[kind];
  if (key.boot !== world.boot || fault(world, "evict", 0.03)) key.ledger = undefined;
  key.boot = world.boot;
  key.ledger ??= openSlots({
    store: { all: () => key.store.all(), write: (changes) => (fault(world, "append", 0.02) ? refuse() : key.store.write(changes)) },
    now: () => wallClock(world),
    boot: `boot-${world.boot}`,
    askMs: ASK_MS,
  });
  const result = work(key.ledger);
  const due = questions(key.ledger);
  arm(world, kind, key.ledger);
  crashPoint(world);
  for (const question of due) {
    if (fault(world, "lostWake", 0.2)) continue;
    const delayMs = fault(world, "lateWake", 0.1) ? world.random.int(1, 20_000) : world.random.int(1, 50);
    schedule(world, "slots", delayMs, () =>
      attempt(
        world,
        () => ask(world, kind, question),
        () => {},
      ),
    );
  }
  return result;
}

function refuse(): never {
  throw STORE_FAILED;
}

function arm(world: World, kind: SlotKind, ledger: SlotLedger): void {
  const key = world.slots.keys[kind];
  const due = nextQuestionAt(ledger);
  if (due === Number.POSITIVE_INFINITY || key.alarmAt <= due) return;
  key.alarmAt = due;
  ring(world, kind, due, Math.max(1, due - wallClock(world)));
}

function ring(world: World, kind: SlotKind, due: number, delayMs: number): void {
  const key = world.slots.keys[kind];
  schedule(world, "slots", delayMs, () => {
    if (key.alarmAt !== due) return;
    key.alarmAt = Number.POSITIVE_INFINITY;
    attempt(
      world,
      () => turn(world, kind, () => undefined),
      () => {
        if (key.alarmAt > due) ring(world, kind, (key.alarmAt = due), 1000); // an alarm that did not return rings again
      },
    );
  });
}

function ask(world: World, kind: SlotKind, question: SlotQuestion): void {
  const foreign = world.slots.keys[kind].foreign.get(question.runId);
  const { isGoing, hints } =
    foreign === undefined
      ? call(world, (ledger) => slot(ledger, question.step, question.lease))
      : { isGoing: askForeign(world, kind, foreign, question), hints: [] };
  turn(world, kind, (ledger) => heard(ledger, question, isGoing));
  world.slots.send(hints);
}

// ---------------------------------------------------------------- this run

/** Undefined: the answer was lost. */
export function take(world: World, kind: SlotKind, { step, lease }: Assignment, limit: number): SlotReply | undefined {
  const forMs = kind === "run" ? null : STEP_SLOT_MS;
  let reply: SlotReply | undefined;
  attempt(
    world,
    () => {
      const given = turn(world, kind, (ledger) => acquire(ledger, { ...RUN, runId: "run", step, lease, limit, forMs }));
      if (!fault(world, "lostGrant", 0.1)) reply = given;
    },
    () => undefined,
  );
  return reply;
}

export function begin(world: World, { step, lease }: Assignment): void {
  world.slots.working.set(step, lease);
  auditSlots(world, "step");
}

/** After the settlement, whatever came of it. */
export function giveBack(world: World, outcomes: readonly { readonly step: string; readonly lease: number }[]): void {
  for (const { step, lease } of outcomes) {
    if (world.slots.working.get(step) !== lease) continue;
    world.slots.working.delete(step);
    releaseLater(world, "step", { runId: "run", step, lease });
  }
}

/** As the run object does it after every change. */
export function giveBackRun(world: World): void {
  const { ledger, slots } = world;
  auditSlots(world, "run");
  const had = ledger?.state?.ended === undefined ? undefined : slotOfRun(ledger);
  if (had === undefined || had.lease === slots.gaveBack) return;
  slots.gaveBack = had.lease;
  releaseLater(world, "run", { runId: "run", step: PROLOGUE_KEY, lease: had.lease });
}

type Ref = { readonly runId: string; readonly step: string; readonly lease: number };

function releaseLater(world: World, kind: SlotKind, ref: Ref): void {
  if (fault(world, "lostRelease", 0.2)) return;
  const times = fault(world, "doubleRelease", 0.2) ? 2 : 1;
  for (let time = 0; time < times; time += 1)
    schedule(world, "slots", world.random.int(1, time === 0 ? 100 : 30_000), () =>
      attempt(
        world,
        () => turn(world, kind, (ledger) => release(ledger, ref)),
        () => {},
      ),
    );
}

// ---------------------------------------------------------------- foreign runs

export function startForeign(world: World, kind: SlotKind): void {
  const limit = limitOf(world, kind);
  if (limit === undefined) return;
  for (let index = world.random.int(0, 3); index > 0; index -= 1) {
    const foreign: Foreign = { runId: `foreign${index}`, lease: 1, state: "coming", until: 0, boot: 0 };
    world.slots.keys[kind].foreign.set(foreign.runId, foreign);
    schedule(world, "slots", world.random.int(1, 20_000), () => come(world, kind, foreign, limit));
  }
}

function come(world: World, kind: SlotKind, foreign: Foreign, limit: number): void {
  if (foreign.state !== "coming") return;
  const again = (ms: number) => schedule(world, "slots", ms, () => come(world, kind, foreign, limit));
  const forMs = kind === "run" ? null : STEP_SLOT_MS;
  let reply: SlotReply | undefined;
  attempt(
    world,
    () => {
      reply = turn(world, kind, (ledger) =>
        acquire(ledger, { ...RUN, runId: foreign.runId, step: "work", lease: (foreign.lease += 1), limit, forMs }),
      );
    },
    () => undefined,
  );
  if (reply?.kind !== "granted") return again(reply?.kind === "waiting" ? reply.lookAgainMs : 2000);
  foreign.state = "at work";
  foreign.boot = world.boot;
  foreign.until = forMs === null ? Number.POSITIVE_INFINITY : wallClock(world) + forMs;
  auditSlots(world, kind);
  schedule(world, "slots", world.random.int(1, 40_000), () => {
    foreign.state = "over";
    releaseLater(world, kind, { runId: foreign.runId, step: "work", lease: foreign.lease });
  });
}

/** One of them died and never says so; the others come when they are woken. */
function askForeign(world: World, kind: SlotKind, foreign: Foreign, { lease }: SlotQuestion): boolean {
  const limit = limitOf(world, kind);
  if (lease === null && foreign.state === "coming" && limit !== undefined)
    schedule(world, "slots", world.random.int(1, 2000), () => come(world, kind, foreign, limit));
  return lease === null ? foreign.state === "coming" : foreign.state === "at work" && foreign.lease === lease;
}

/** A clock that is set back makes leases good that were found to be over: nobody can say of those under way whether they count. */
export function forgetLeases({ slots }: World): void {
  slots.working.clear();
  for (const foreign of slots.keys.step.foreign.values()) foreign.until = 0;
}

// ---------------------------------------------------------------- audit

/** Call when somebody begins to work with a slot. */
export function auditSlots(world: World, kind: SlotKind): void {
  const limit = limitOf(world, kind) ?? Number.POSITIVE_INFINITY;
  const now = wallClock(world);
  const foreign = [...world.slots.keys[kind].foreign.values()].filter(
    ({ state, until, boot }) => state === "at work" && until > now && (kind === "run" || boot === world.boot),
  );
  const own = kind === "run" ? ownRun(world) : ownSteps(world, now);
  if (own + foreign.length > limit)
    fail("S1", `${own} of this run and ${foreign.map(({ runId }) => runId).join()} are at work with ${limit} slots of a ${kind}`);
}

function ownSteps({ slots, auditor, boot }: World, now: number): number {
  return [...slots.working].filter(([key, lease]) => {
    const live = auditor.shadow?.steps.get(key)?.lease;
    return live !== undefined && live.number === lease && !isVoid(live, now, `boot-${boot}`);
  }).length;
}

function ownRun({ auditor: { shadow } }: World): number {
  return shadow !== undefined && shadow.ended === undefined && shadow.steps.get(PROLOGUE_KEY)?.status === "succeeded" ? 1 : 0;
}
