/**
 * Runs one workflow through the real ledger in a world of faults, all from one seed, and audits every step. What is simulated:
 * messages that are late, doubled, reordered or lost; runners that die, wake as zombies, settle twice or in groups; a process
 * that dies at any await; a store that refuses; alarms that ring late or twice; a clock that jumps; daemons that answer early,
 * twice, differently, late or never; people that cancel and redrive.
 */
import { claim } from "../../shared/ledger/claim.ts";
import { answer, cancel, redrive, start } from "../../shared/ledger/control.ts";
import { settle } from "../../shared/ledger/settle.ts";
import { sweep } from "../../shared/ledger/sweep.ts";
import type { LaneHint } from "../../shared/message.ts";
import type { Assignment, AnswerReply, Outcome, WaitRef } from "../../shared/run-api.ts";
import { auditAssignment, auditEffect, Violation } from "./auditor.ts";
import { outcomeOf } from "./script.ts";
import { call, crashPoint, Crashed, createWorld, fault, type FaultKind, isCalm, type Scenario, schedule, type SimulationOptions, StoreFailed, type Task, wallClock, type World } from "./world.ts";

export type Report = {
  readonly counts: Readonly<Record<FaultKind, number>>;
  readonly status: string;
  readonly points: number;
  readonly messages: number;
  readonly executions: number;
  readonly rows: number;
  readonly transitions: ReadonlySet<string>;
};

const HOUR_MS = 3_600_000;
const LIMIT_MS = 24 * HOUR_MS;
const MAX_TURNS = 20_000;
const MAX_IDLE_ALARMS = 50;
const SLOW_MS = 120_000;

/** Throws a `Violation` that names the invariant. */
export function simulate(scenario: Scenario, options: SimulationOptions): Report {
  const world = createWorld(scenario, options);
  const startedAt = world.time;
  schedule(world, "outside", 0, () => begin(world));
  if (fault(world, "cancel", 0.1)) schedule(world, "outside", world.random.int(1, 60_000), () => stop(world));
  for (let turns = 0; !isDone(world); turns += 1) {
    if (turns > MAX_TURNS || world.time > startedAt + LIMIT_MS) throw new Violation(`I10: after ${turns} turns and ${world.time - startedAt} ms the run has not ended`);
    turn(world);
  }
  const { counts, points, sent: messages, executions, auditor } = world;
  return { counts, points, messages, executions, status: auditor.shadow?.ended?.status ?? "none", rows: auditor.shadow?.seq ?? 0, transitions: auditor.transitions };
}

function isDone({ auditor: { shadow }, tasks }: World): boolean {
  const isEpilogueOver = ![...(shadow?.steps.values() ?? [])].some(({ vertex, endedAt }) => vertex.kind === "epilogue" && endedAt === undefined);
  return shadow?.ended !== undefined && tasks.length === 0 && isEpilogueOver;
}

/** The next thing that happens. */
function turn(world: World): void {
  if (fault(world, "clockJump", 0.003)) world.offset += world.random.pick([-HOUR_MS, HOUR_MS]);
  const next = world.tasks.reduce<Task | undefined>((first, task) => (first === undefined || task.at < first.at ? task : first), undefined);
  const alarmAt = world.alarmAt === null ? Number.POSITIVE_INFINITY : world.alarmAt - world.offset;
  if (next === undefined && alarmAt > world.time + LIMIT_MS) return help(world);
  if (next === undefined || alarmAt < next.at) {
    world.time = Math.max(world.time, alarmAt) + (fault(world, "lateAlarm", 0.1) ? world.random.int(0, 60_000) : 1);
    return attempt(world, () => ring(world), () => {});
  }
  world.tasks.splice(world.tasks.indexOf(next), 1);
  world.time = Math.max(world.time, next.at);
  next.run();
}

/** Nothing happens any more by itself: only what a person must decide may be left. */
function help(world: World): void {
  const live = [...(world.auditor.shadow?.live ?? [])];
  if (!live.some(({ status }) => status === "unknown")) throw new Violation(`I10: nothing is under way, but these are left: ${live.map(({ key, status }) => `${key} ${status}`).join()}`);
  stop(world);
}

/** Whoever calls the run object learns only that the call failed, and does something about it. */
function attempt(world: World, work: () => void, onFailure: () => void): void {
  try {
    work();
  } catch (thrown) {
    if (!(thrown instanceof Crashed) && !(thrown instanceof StoreFailed)) throw thrown;
    onFailure();
  }
}

// ---------------------------------------------------------------- people and other Workers

function begin(world: World): void {
  const { plan } = world.scenario;
  const run = { tenant: "t", runId: "run", plan, digests: {}, input: { json: "{}" }, inputDigest: "d", taken: plan.vertices[0]?.outgoing ?? [], origin: { kind: "webhook", depth: 0 } } as const;
  attempt(
    world,
    () => send(world, call(world, (ledger) => start(ledger, run)).hints),
    () => schedule(world, "outside", 1000, () => begin(world)),
  );
}

function stop(world: World): void {
  attempt(
    world,
    () => {
      call(world, (ledger) => cancel(ledger, "a person"));
      again(world);
    },
    () => schedule(world, "outside", 1000, () => stop(world)),
  );
}

/** A run that ended may be redriven, as a whole or from one node. */
function again(world: World): void {
  if (world.auditor.shadow?.ended === undefined || world.counts.redrive >= 2 || !fault(world, "redrive", 0.3)) return;
  schedule(world, "outside", world.random.int(1, 5000), () => {
    const names = world.scenario.plan.vertices.slice(1).map(({ node }) => node);
    const wish = world.random.chance(0.5) ? {} : { nodes: [world.random.pick(names)] };
    attempt(
      world,
      () => {
        const reply = call(world, (ledger) => redrive(ledger, { ...wish, confirm: true }));
        if (reply.kind === "redriven") send(world, reply.hints);
      },
      () => {},
    );
  });
}

// ---------------------------------------------------------------- queue and alarm

function send(world: World, hints: readonly LaneHint[]): void {
  for (const { hint } of hints) {
    crashPoint(world);
    world.sent += 1;
    if (fault(world, "drop", 0.1)) continue;
    deliverLater(world, hint.step);
    if (fault(world, "duplicate", 0.2) || world.options.duplicateAt === world.sent) deliverLater(world, hint.step);
  }
}

function deliverLater(world: World, key: string, delayMs = world.random.int(1, 30)): void {
  const extra = fault(world, "delay", 0.2) ? world.random.int(0, SLOW_MS) : 0;
  schedule(world, "message", delayMs + extra, () => consume(world, [key, ...company(world)]), { key });
}

/** Messages that come in the same batch. */
function company(world: World): readonly string[] {
  const others = world.tasks.filter(({ kind, at }) => kind === "message" && at <= world.time + 10);
  for (const task of others) world.tasks.splice(world.tasks.indexOf(task), 1);
  return others.flatMap(({ key }) => key ?? []);
}

function ring(world: World): void {
  if (world.alarmAt === null) return;
  const before = [world.auditor.shadow?.seq, world.sent].join();
  const rungAt = world.alarmAt;
  world.alarmAt = null;
  try {
    const times = fault(world, "doubleAlarm", 0.1) ? 2 : 1;
    for (let time = 0; time < times; time += 1) send(world, call(world, (ledger) => sweep(ledger, oldestMessage(world))).hints);
  } catch (thrown) {
    world.alarmAt ??= Math.max(rungAt, wallClock(world) + 1000); // an alarm that did not return rings again
    throw thrown;
  }
  if (world.idleAlarms === 0) world.idleSince = world.time;
  world.idleAlarms = before === [world.auditor.shadow?.seq, world.sent].join() ? world.idleAlarms + 1 : 0;
  const isSpinning = world.idleAlarms > MAX_IDLE_ALARMS && world.time - world.idleSince < MAX_IDLE_ALARMS * 1000;
  if (isSpinning) throw new Violation("C7: the alarm rings over and over and does nothing");
  if (world.idleAlarms > MAX_IDLE_ALARMS) world.idleAlarms = 0;
  again(world);
}

const oldestMessage = ({ tasks }: World): number => Math.min(...tasks.filter(({ kind }) => kind === "message").map(({ sentAt }) => sentAt));

// ---------------------------------------------------------------- runners

function consume(world: World, keys: readonly string[]): void {
  attempt(
    world,
    () => {
      const replies = call(world, (ledger) => {
        const given = claim(ledger, keys);
        for (const reply of given) if (reply.kind === "execute") auditAssignment(world.auditor, reply, wallClock(world));
        return given;
      });
      for (const reply of replies) if (reply.kind === "execute") execute(world, reply);
    },
    () => {
      const isRedelivered = world.options.onCrash === undefined ? world.random.chance(0.7) : world.options.onCrash === "keep";
      if (isRedelivered) for (const key of keys) deliverLater(world, key, 1000);
    },
  );
}

function execute(world: World, assignment: Assignment): void {
  world.executions += 1;
  auditEffect(world.auditor, assignment);
  const outcome = outcomeOf(assignment, world.scenario.script, wallClock(world));
  const { step, generation, wait } = assignment;
  if (outcome.result.kind === "paused" && outcome.result.reason === "callback") daemon(world, { step, generation, wait }, assignment.vertex.waitMs);
  const ms = fault(world, "zombie", 0.05) ? world.random.int(20_000, SLOW_MS) : world.random.int(1, 500);
  finishLater(world, outcome, ms);
  if (fault(world, "doubleSettle", 0.05)) finishLater(world, outcome, ms + world.random.int(1, 40_000));
}

const finishLater = (world: World, outcome: Outcome, ms: number): void =>
  schedule(world, "runner", ms, () => finish(world, [outcome, ...group(world)], 5), { outcome });

/** What other steps have ready by now is settled in the same call. */
function group(world: World): readonly Outcome[] {
  const others = world.tasks.filter(({ kind, at }) => kind === "runner" && at <= world.time + 20);
  for (const task of others) world.tasks.splice(world.tasks.indexOf(task), 1);
  return others.flatMap(({ outcome }) => outcome ?? []);
}

function finish(world: World, outcomes: readonly Outcome[], tries: number): void {
  world.auditor.settling = outcomes;
  attempt(
    world,
    () => {
      send(world, call(world, (ledger) => settle(ledger, outcomes)).hints);
      again(world);
    },
    () => {
      if (tries > 0 && world.random.chance(0.5)) schedule(world, "runner", 500, () => finish(world, outcomes, tries - 1));
    },
  );
  world.auditor.settling = [];
}

// ---------------------------------------------------------------- daemons

/** The daemon was told the token; what it does with it is its business. */
function daemon(world: World, ref: WaitRef, waitMs: number): void {
  const say = (delayMs: number, variant: string) => schedule(world, "outside", delayMs, () => tell(world, ref, variant, 5));
  if (fault(world, "noAnswer", 0.1)) return;
  if (fault(world, "lateAnswer", 0.1)) return say(waitMs + world.random.int(-1000, 20_000), "a");
  const delayMs = fault(world, "earlyAnswer", 0.2) ? 0 : world.random.int(1, 40_000);
  say(delayMs, "a");
  if (fault(world, "doubleAnswer", 0.15)) say(delayMs + world.random.int(0, 100_000), "a");
  if (fault(world, "conflictingAnswer", 0.15)) say(delayMs + world.random.int(0, 100_000), "b");
}

function tell(world: World, ref: WaitRef, variant: string, tries: number): void {
  const digest = JSON.stringify([ref.step, ref.generation, ref.wait, variant]);
  attempt(
    world,
    () => {
      const isOpen = isAnswerable(world, ref);
      const reply = call(world, (ledger) => answer(ledger, { ref }, { success: true, data: { json: "{}" }, digest }, {}));
      auditReply(world, ref, digest, reply, isOpen);
      if (reply.kind === "accepted") send(world, reply.hints);
    },
    () => {
      if (tries > 0) schedule(world, "outside", 5000, () => tell(world, ref, variant, isCalm(world) ? tries : tries - 1));
    },
  );
}

function isAnswerable({ auditor: { shadow }, ...world }: World, ref: WaitRef): boolean {
  const step = shadow?.steps.get(ref.step);
  const now = world.time + world.offset;
  return step?.status === "waiting" && step.generation === ref.generation && step.wait?.number === ref.wait && step.wait.expiresAt > now && step.dueAt > now;
}

function auditReply({ auditor }: World, { step, generation, wait }: WaitRef, digest: string, { kind }: AnswerReply, isOpen: boolean): void {
  const recorded = auditor.answers.get(JSON.stringify([step, generation, wait]));
  const isOurs = recorded === digest;
  if ((kind === "accepted" || kind === "same") && !isOurs) throw new Violation(`I6: an answer was ${kind}, but recorded is ${recorded}`);
  if (kind === "conflict" && (isOurs || recorded === undefined)) throw new Violation("I6: an answer is called a conflict without one");
  if (isOpen && kind !== "accepted" && kind !== "same" && kind !== "conflict") throw new Violation(`I6: the wait is open, but the answer was ${kind}`);
}
