/**
 * Runs one workflow through the real ledger in a world of faults, all from one seed, and audits every step: lost, late and
 * doubled messages and alarms, zombies, a process that dies at any await, a store that refuses, a clock that jumps, people.
 */
import { cancel, redrive, start } from "../../shared/ledger/control.ts";
import { sweep } from "../../shared/ledger/sweep.ts";
import type { Plan } from "../../shared/model/plan.ts";
import type { RedriveWish } from "../../shared/model/redrive.ts";
import type { NewPlan } from "../../shared/run-api.ts";
import { addWaiters, ASKS, leftBehind, OWNER, PARENT, performErrand } from "./other-runs.ts";
import { send } from "./runner.ts";
import type { Scenario, SimulationOptions } from "./scenario.ts";
import { listsOfStart, type Script } from "./script.ts";
import { forgetLeases, giveBackRun, startForeign } from "./slot-world.ts";
import { Violation } from "./violation.ts";
import {
  attempt,
  call,
  createWorld,
  fault,
  type FaultKind,
  isWaitedFor,
  oldestMessage,
  schedule,
  type Task,
  wallClock,
  type World,
} from "./world.ts";

export type Report = {
  readonly counts: Readonly<Record<FaultKind, number>>;
  readonly status: string;
  readonly points: number;
  readonly messages: number;
  readonly executions: number;
  readonly transitions: ReadonlySet<string>;
};

const HOUR_MS = 3_600_000;
const LIMIT_MS = 24 * HOUR_MS;
const MAX_TURNS = 20_000;
const MAX_IDLE_ALARMS = 50;

/** Throws a `Violation` that names the invariant. */
export function simulate(scenario: Scenario, options: SimulationOptions): Report {
  const world = createWorld(scenario, options);
  world.onChange = () => {
    giveBackRun(world);
    again(world);
  };
  world.slots.send = (hints) => send(world, hints);
  for (const kind of ["step", "run"] as const) startForeign(world, kind);
  world.onErrand = (errand) => performErrand(world, errand, send);
  const startedAt = world.time;
  schedule(world, "outside", 0, () => begin(world));
  addWaiters(world);
  if (fault(world, "cancel", 0.1)) schedule(world, "outside", world.random.int(1, 60_000), () => stop(world));
  for (let turns = 0; !isDone(world); turns += 1) {
    if (turns > MAX_TURNS || world.time > startedAt + LIMIT_MS)
      throw new Violation(`I10: after ${turns} turns and ${world.time - startedAt} ms the run has not ended`);
    turn(world);
  }
  auditOwner(world);
  const { counts, points, sent: messages, executions, auditor } = world;
  return {
    counts,
    points,
    messages,
    executions,
    status: auditor.shadow?.ended?.status ?? "none",
    transitions: auditor.transitions,
  };
}

/** By then a run has asked its owner once more after the faults; an owner that leaves has left after a minute. */
const ASKED_WITHIN_MS = 220_000;

function auditOwner({ auditor: { shadow }, counts, ownerGoneAt, scenario, asked }: World): void {
  if (scenario.isOwned !== true || counts.clockJump > 0 || shadow?.kin.life !== 0 || shadow.ended === undefined) return;
  if (shadow.ended.at <= shadow.startedAt + ASKED_WITHIN_MS) return;
  if (asked === 0) throw new Violation("N4: a run did not ask whether it is wanted");
  if (ownerGoneAt !== undefined && shadow.ended.status !== "cancelled")
    throw new Violation("N4: the run went on although nobody wanted it");
}

function isDone(world: World): boolean {
  const {
    auditor: { shadow },
    tasks,
  } = world;
  const isEpilogueOver = ![...(shadow?.steps.values() ?? [])].some(
    ({ vertex, endedAt }) => vertex.kind === "epilogue" && endedAt === undefined,
  );
  return shadow?.ended !== undefined && tasks.length === 0 && isEpilogueOver && !isWaitedFor(world) && leftBehind(world).length === 0;
}

/** The next thing that happens. */
function turn(world: World): void {
  if (fault(world, "clockJump", 0.003)) {
    world.offset += world.random.pick([-HOUR_MS, HOUR_MS]);
    forgetLeases(world);
  }
  const next = world.tasks.reduce<Task | undefined>((first, task) => (first === undefined || task.at < first.at ? task : first), undefined);
  const alarmAt = world.alarmAt === null ? Number.POSITIVE_INFINITY : world.alarmAt - world.offset;
  if (alarmAt > world.time + LIMIT_MS && (next === undefined || isHeldUp(world))) return help(world);
  if (next === undefined || alarmAt < next.at) {
    world.time = Math.max(world.time, alarmAt) + (fault(world, "lateAlarm", 0.1) ? world.random.int(0, 60_000) : 1);
    return attempt(
      world,
      () => ring(world),
      () => {},
    );
  }
  world.tasks.splice(world.tasks.indexOf(next), 1);
  world.time = Math.max(world.time, next.at);
  next.run();
}

/** All that still happens are the questions of runs whose owner waits for a person. */
const isHeldUp = ({ auditor: { shadow }, tasks }: World): boolean =>
  shadow?.ended === undefined &&
  tasks.every(({ kind, key }) => kind === "slots" || key === ASKS) &&
  [...(shadow?.live ?? [])].some(({ status }) => status === "unknown");

/** Nothing happens any more by itself: only what a person must decide may be left. */
function help(world: World): void {
  const live = [...(world.auditor.shadow?.live ?? [])];
  if (!live.some(({ status }) => status === "unknown"))
    throw new Violation(
      `I10: nothing is under way, but these are left: ${live.map(({ key, status }) => `${key} ${status}`).join()}; ${describeOthers(world)}`,
    );
  if (world.random.chance(0.5)) stop(world);
  else redriveSome(world, {}); // a person who decides that it runs again
}

const describeOthers = (world: World): string =>
  `${leftBehind(world).length} runs are left behind, ${isWaitedFor(world) ? "somebody was not told of the end" : "everybody was told"}`;

// ---------------------------------------------------------------- people and other Workers

const UNOWNED = { kind: "webhook", depth: 0 } as const;
const OWNED = { kind: "run", depth: 1, parentRunId: PARENT, owner: OWNER } as const;

function begin(world: World): void {
  const { plan, isOwned } = world.scenario;
  const run = {
    tenant: "t",
    runId: "run",
    plan,
    digests: {},
    input: { json: "{}" },
    inputDigest: "d",
    taken: plan.vertices[0]?.outgoing ?? [],
    origin: isOwned === true ? OWNED : UNOWNED,
    lists: listsOfStart(plan, world.scenario.script),
  } as const;
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
      world.onChange();
    },
    () => schedule(world, "outside", 1000, () => stop(world)),
  );
}

/** A run that ended may be redriven, as a whole or from one node. */
function again(world: World): void {
  if (world.auditor.shadow?.ended === undefined || world.counts.redrive >= 2 || !fault(world, "redrive", 0.3)) return;
  schedule(world, "outside", world.random.int(1, 5000), () => {
    const shadow = world.auditor.shadow;
    const names = world.scenario.plan.vertices.slice(1).map(({ node }) => node);
    const keys = [...(shadow?.steps.values() ?? [])].flatMap(({ key, vertex }) => (vertex.kind === "part" ? [key] : []));
    const isItem = keys.length > 0 && world.random.chance(0.3);
    const some = isItem ? { steps: [world.random.pick(keys)] } : { nodes: [world.random.pick(names)] };
    redriveSome(world, world.random.chance(0.5) ? {} : some);
  });
}

function redriveSome(world: World, wish: RedriveWish): void {
  attempt(
    world,
    () => {
      const versions = world.scenario.versions ?? [];
      const plan = versions.length > 0 && fault(world, "replan", 0.4) ? world.random.pick(versions) : undefined;
      const reply = call(world, (ledger) => redrive(ledger, { ...wish, confirm: true, ...newPlanOf(plan, world.scenario.script) }));
      if (reply.kind === "redriven") send(world, reply.hints);
    },
    () => {},
  );
}

const newPlanOf = (plan: Plan | undefined, script: Script): { readonly newPlan?: NewPlan } =>
  plan === undefined ? {} : { newPlan: { plan, digests: {}, taken: plan.vertices[0]?.outgoing ?? [], lists: listsOfStart(plan, script) } };

// ---------------------------------------------------------------- alarm

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
  world.onChange();
}
