/**
 * The other runs around a simulated one: those that its steps start or wait for, and those that wait for it. They keep to the protocol of
 * `shared/ledger/kin.ts`; what they say is lost, late, doubled, or said again, and so is what is said to them.
 */
import { cancel } from "../../shared/ledger/control.ts";
import { finishErrand, holds, notify, watch } from "../../shared/ledger/kin.ts";
import type { LaneHint } from "../../shared/message.ts";
import type { Awaited, Watcher } from "../../shared/model/log.ts";
import { isRunTerminal, isStepTerminal } from "../../shared/model/run.ts";
import type { Errand, ErrandReply, Holding, Notice, StepRef } from "../../shared/errand.ts";
import type { Assignment } from "../../shared/run-api.ts";
import type { OtherRun, Waiter } from "./other-run.ts";
import type { AwaitScript } from "./script.ts";
import { fail } from "./violation.ts";
import { attempt, call, fault, schedule, type World } from "./world.ts";

type Send = (world: World, hints: readonly LaneHint[]) => void;

const AGAIN_MS = 3000;
const LATE_MS = 120_000;
/** The key of tasks that come again and again until something else happens. */
export const ASKS = "asks";
export const OWNER: StepRef = { step: "caller", generation: 0 };
export const PARENT = "parent";
const nameOf = ({ runId, step, generation }: Watcher): string => JSON.stringify([runId, step, generation]);

// ---------------------------------------------------------------- runs that a step waits for

/** Looks at the runs of this node, as a runner does: undefined when there is nothing to wait for (any more). */
export function awaitedNow(world: World, assignment: Assignment, script: AwaitScript, send: Send): Awaited | undefined {
  const { step, generation } = assignment;
  const { wanted, stopsAtFailure, isOwner } = script;
  const runs = Array.from({ length: script.runs }, (_, index) => {
    const id = isOwner ? `${step} ${generation} ${script.slot} ${index}` : `stranger ${step} ${index}`;
    const run = world.others.get(id) ?? begin(world, id, isOwner ? { step, generation } : undefined, send);
    run.watchers.set(JSON.stringify([step, generation]), { step, generation });
    return run;
  });
  const ended = runs.filter(({ status }) => status !== "running");
  if (stopsAtFailure && ended.some(({ status }) => status !== "succeeded")) return undefined;
  if (ended.length >= wanted) return undefined;
  const going = runs.filter(({ status }) => status === "running");
  return {
    runs: going.map(({ id, life }) => ({ runId: id, life })),
    wanted: wanted - ended.length,
    ...(stopsAtFailure ? { stopsAtFailure } : {}),
    ...(isOwner ? { isOwner } : {}),
  };
}

function begin(world: World, id: string, owner: StepRef | undefined, send: Send): OtherRun {
  const run: OtherRun = { id, owner, watchers: new Map(), life: 0, status: "running" };
  world.others.set(id, run);
  const hangs = owner !== undefined && world.random.chance(0.15);
  if (!hangs) endLater(world, run, fault(world, "earlyEnd", 0.2) ? 1 : world.random.int(1, 60_000), send);
  if (owner !== undefined) schedule(world, "outside", AGAIN_MS, () => ask(world, run, owner, AGAIN_MS, send), { key: ASKS });
  return run;
}

const endLater = (world: World, run: OtherRun, ms: number, send: Send): void =>
  schedule(world, "outside", ms, () => endAs(world, run, world.random.chance(0.8) ? "succeeded" : "failed", send));

function endAs(world: World, run: OtherRun, status: Exclude<OtherRun["status"], "running">, send: Send): void {
  if (run.status !== "running") return;
  run.status = status;
  for (const { step, generation } of run.watchers.values())
    tell(world, { step, generation, run: { runId: run.id, life: run.life }, failed: status !== "succeeded" }, send);
  if (!fault(world, "childRedrive", 0.2)) return;
  schedule(world, "outside", world.random.int(1, 5000), () => {
    run.life += 1;
    run.status = "running";
    endLater(world, run, world.random.int(1, 30_000), send);
  });
}

/** Said again until it was heard. */
function tell(world: World, notice: Notice, send: Send): void {
  if (fault(world, "lostNotice", 0.1)) return schedule(world, "outside", AGAIN_MS, () => tell(world, notice, send));
  const say = (ms: number) =>
    schedule(world, "outside", ms, () =>
      attempt(
        world,
        () =>
          send(
            world,
            call(world, (ledger) => notify(ledger, [notice])),
          ),
        () => schedule(world, "outside", AGAIN_MS, () => tell(world, notice, send)),
      ),
    );
  say(fault(world, "lateNotice", 0.1) ? world.random.int(0, LATE_MS) : world.random.int(1, 30));
  if (fault(world, "doubleNotice", 0.1)) say(world.random.int(1, LATE_MS));
}

/** As an owned run does in its first life: until it is held, or learns that nobody wants it. */
function ask(world: World, run: OtherRun, owner: StepRef, waited: number, send: Send): void {
  if (run.status !== "running" || run.life > 0) return;
  const askLater = () => schedule(world, "outside", waited, () => ask(world, run, owner, waited * 2, send), { key: ASKS });
  attempt(
    world,
    () => {
      const holding = call(world, (ledger) => holds(ledger, owner, run.id));
      if (holding === "gone" && !isOver(world, owner)) fail("N4", `${run.id} is told that ${owner.step} is over`);
      if (holding === "gone") endAs(world, run, "cancelled", send);
      if (holding === "unclear") askLater();
    },
    askLater,
  );
}

function isOver({ auditor: { shadow } }: World, { step, generation }: StepRef): boolean {
  const found = shadow?.steps.get(step);
  return shadow?.ended !== undefined || found === undefined || found.generation !== generation || isStepTerminal(found.status);
}

/** Owned runs that go on although their step is over; one that was redriven since belongs to nobody. */
export const leftBehind = (world: World): readonly OtherRun[] =>
  [...world.others.values()].filter(
    ({ owner, status, life }) => owner !== undefined && status === "running" && life === 0 && isOver(world, owner),
  );

// ---------------------------------------------------------------- steps that wait for the simulated run

export function addWaiters(world: World): void {
  if (world.scenario.isOwned) addOwner(world);
  for (let index = 0; fault(world, "watched", 0.3); index += 1) {
    const waiter: Waiter = { watcher: { runId: `watcher ${index}`, step: "w", generation: 0 }, awaits: undefined };
    world.waiters.set(nameOf(waiter.watcher), waiter);
    watchLater(world, waiter, world.random.int(1, 60_000));
    if (fault(world, "watchAgain", 0.3)) watchLater(world, waiter, world.random.int(1, 120_000));
  }
}

function watchLater(world: World, waiter: Waiter, ms: number): void {
  const again = () => watchLater(world, waiter, 5000);
  schedule(world, "outside", ms, () =>
    attempt(
      world,
      () => {
        const seen = call(world, (ledger) => watch(ledger, waiter.watcher));
        if (seen === null) again();
        else if (!isRunTerminal(seen.status)) waiter.awaits = seen.life;
      },
      again,
    ),
  );
}

/** The parent holds its child some seconds after the start, or is gone at some time; then it cancels what it held. */
function addOwner(world: World): void {
  const watcher = { runId: PARENT, ...OWNER };
  world.waiters.set(nameOf(watcher), { watcher, awaits: 0 });
  schedule(world, "outside", world.random.int(1, 10_000), () => {
    if (world.owner === "unclear") world.owner = "held";
  });
  if (fault(world, "ownerGone", 0.3)) schedule(world, "outside", world.random.int(1, 60_000), () => leave(world));
}

function leave(world: World): void {
  const wasHeld = world.owner === "held";
  world.owner = "gone";
  world.ownerGoneAt ??= world.time;
  if (!wasHeld) return;
  attempt(
    world,
    () => void call(world, (ledger) => cancel(ledger, "the parent is over", 0)),
    () => schedule(world, "outside", AGAIN_MS, () => ((world.owner = "held"), leave(world))),
  );
}

// ---------------------------------------------------------------- errands of the simulated run

/** The way to the other object and back. */
export function performErrand(world: World, errand: Errand, send: Send): void {
  auditErrand(world, errand);
  if (fault(world, "lostErrand", 0.1)) return;
  schedule(world, "runner", world.random.int(1, 50), () => {
    const reply = arrive(world, errand, send);
    schedule(world, "runner", world.random.int(1, 50), () =>
      attempt(
        world,
        () => call(world, (ledger) => finishErrand(ledger, errand, reply)),
        () => {},
      ),
    );
  });
}

function arrive(world: World, errand: Errand, send: Send): ErrandReply {
  switch (errand.kind) {
    case "tell":
      for (const { step, generation, run } of errand.notices) {
        const waiter = world.waiters.get(nameOf({ runId: errand.runId, step, generation }));
        if (waiter === undefined) fail("N1", `${errand.runId} never watched this run`);
        else if (waiter.awaits !== undefined && run.life >= waiter.awaits) waiter.awaits = undefined;
      }
      return "done";
    case "cancel": {
      const run = world.others.get(errand.runId) ?? fail("K3", `${errand.runId} does not exist`);
      if (run.life === errand.life) endAs(world, run, "cancelled", send);
      return "done";
    }
    case "ask":
      world.asked += 1;
      return world.owner satisfies Holding;
  }
}

/** What is said to others must be true when it is said. */
function auditErrand(world: World, errand: Errand): void {
  const { shadow } = world.auditor;
  if (errand.kind === "tell") {
    const isTrue = ({ run, failed }: Notice) => run.life === shadow?.kin.life && failed === (shadow.ended?.status !== "succeeded");
    if (shadow?.ended === undefined || !errand.notices.every(isTrue)) fail("N1", `others are told of an end that is none`);
  }
  if (errand.kind === "cancel") {
    const owner = world.others.get(errand.runId)?.owner ?? fail("K3", `a run is cancelled that nobody owns: ${errand.runId}`);
    if (!isOver(world, owner)) fail("K3", `${errand.runId} is cancelled while ${owner.step} waits for it`);
  }
}
