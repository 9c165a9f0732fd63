/** The simulated queue and its consumers: messages that are late, doubled or lost, and runners that do with a step what the real ones do. */
import { nextInLine } from "../../shared/line.ts";
import { claim } from "../../shared/ledger/claim.ts";
import { exchange } from "../../shared/ledger/exchanges.ts";
import { settle } from "../../shared/ledger/settle.ts";
import type { LaneHint } from "../../shared/message.ts";
import type { Value } from "../../shared/model/log.ts";
import type { Ledger } from "../../shared/ledger/ledger.ts";
import type { Assignment, ClaimReply, Exchange, LeaseRef, Outcome } from "../../shared/run-api.ts";
import { ownPauses } from "./audit-attempts.ts";
import { auditAddress, auditAssignment, auditEffect, auditLine } from "./audit-assignment.ts";
import { audit } from "./auditor.ts";
import { auditScope } from "./audit-loops.ts";
import { daemon } from "./daemons.ts";
import { awaitedNow } from "./other-runs.ts";
import { awaitOfCall, awaitsOf, callsOf, outcomeOf, pauseOfCall, resultOfCall } from "./script.ts";
import { begin, giveBack, limitOf, take } from "./slot-world.ts";
import { attempt, call, crashPoint, fault, schedule, wallClock, type World } from "./world.ts";

const SLOW_MS = 120_000;
const MAX_OFFERS = 100;

export function send(world: World, hints: readonly LaneHint[]): void {
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

function consume(world: World, all: readonly string[]): void {
  const offered = all.flatMap((key) => (world.offers.has(key) && fault(world, "useOffer", 0.7) ? takeOffer(world, key) : []));
  const keys = all.filter((key) => !offered.some(({ step }) => step === key));
  for (const assignment of offered) execute(world, assignment);
  if (keys.length === 0) return;
  attempt(
    world,
    () => {
      const replies = call(world, (ledger) => {
        const before = ledger.state?.seq ?? 0;
        const given = claim(ledger, keys);
        auditGiven(world, ledger, given, before);
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

/** A claim may end a step of which nobody knows what came of it: what that makes ready is given out with it, what it ends was told before. */
function auditGiven(world: World, ledger: Ledger, given: readonly ClaimReply[], before: number): void {
  audit(world.auditor, ledger);
  const hasEnded = world.store.read(before, 1000).some(({ event }) => event.type === "step.failed");
  for (const reply of given) {
    if (reply.kind !== "execute") continue;
    auditAssignment(world.auditor, reply, wallClock(world));
    if (ledger.state !== undefined && !hasEnded) auditScope(world.scenario.script, ledger.state, ledger, reply);
  }
}

function takeOffer(world: World, key: string): readonly Assignment[] {
  const offer = world.offers.get(key);
  world.offers.delete(key);
  return offer === undefined ? [] : [offer];
}

function execute(world: World, assignment: Assignment): void {
  const kind = assignment.vertex.kind === "prologue" ? "run" : "step";
  const limit = assignment.vertex.concurrency?.limit ?? (kind === "run" ? limitOf(world, "run") : undefined);
  if (limit === undefined || assignment.resume?.kind === "answered") return perform(world, assignment);
  const reply = take(world, kind, assignment, limit);
  const settleWith = (result: Outcome["result"]) =>
    finishLater(world, { ...leaseOf(assignment), startedAt: wallClock(world), fuel: 0, result }, world.random.int(1, 50));
  const queued = (ms: number) => settleWith({ kind: "paused", reason: "concurrency", dueAt: wallClock(world) + ms, note: "" });
  if (reply === undefined) return queued(2000);
  if (reply.kind === "waiting") return queued(reply.lookAgainMs);
  if (reply.kind === "stale") return settleWith({ kind: "released" });
  const data = { key: "k", limit, lease: assignment.lease };
  const { clockJump } = world.counts;
  const work = () => {
    if (kind === "run") return settleWith({ kind: "succeeded", output: { json: JSON.stringify({ success: true, data }) }, taken: [] });
    if (world.counts.clockJump === clockJump) begin(world, assignment); // see `forgetLeases`
    perform(world, assignment);
  };
  if (fault(world, "lateGrant", 0.1)) schedule(world, "runner", world.random.int(1, SLOW_MS), work);
  else work();
}

function perform(world: World, assignment: Assignment): void {
  world.executions += 1;
  const isPure = assignment.vertex.effects === "pure" && assignment.vertex.concurrency === undefined;
  const isReleased = isPure && fault(world, "release", 0.05);
  if (isReleased)
    return finishLater(world, { ...leaseOf(assignment), startedAt: wallClock(world), fuel: 0, result: { kind: "released" } }, 1);
  if (assignment.ending === undefined && fault(world, "storeAway", 0.04))
    return finishLater(world, { ...leaseOf(assignment), startedAt: wallClock(world), fuel: 0, result: waitForStore(world, assignment) }, 1);
  // The script knows nothing of the pauses that it did not make.
  const played = { ...assignment, pauses: ownPauses(world.auditor.attempts, assignment) };
  if (callsOf(world.scenario.script, assignment.step).length > 0) return exchangeOn(world, played, []);
  auditEffect(world.auditor, played);
  end(world, played);
}

function waitForStore(world: World, { resume }: Assignment): Outcome["result"] {
  const ms = world.random.int(1000, 60_000);
  const isCall = resume === null ? { isCall: true as const } : {};
  return { kind: "paused", reason: "retry_backoff", ...isCall, dueAt: wallClock(world) + ms, waitMs: ms + 60_000 };
}

const leaseOf = ({ step, generation, attempt: number, lease }: Assignment): LeaseRef => ({ step, generation, attempt: number, lease });

/** As a runner does it with a part that makes calls: `made` is what the log does not have yet. */
function exchangeOn(world: World, assignment: Assignment, made: readonly Value[]): void {
  const next = callsOf(world.scenario.script, assignment.step)[assignment.exchanges.length + made.length];
  const isLogged = assignment.vertex.effects !== "pure";
  const settleWith = (result: Outcome["result"]) =>
    finishLater(world, { ...leaseOf(assignment), startedAt: wallClock(world), fuel: 1, result }, world.random.int(1, 500));
  if (next === undefined) return end(world, assignment);
  const { step, generation, wait, vertex } = assignment;
  if (next === "address") {
    auditAddress(world.auditor, assignment, "told");
    daemon(world, { step, generation, wait }, vertex.waitMs, send);
    return exchangeOn(world, assignment, [...made, resultOfCall(assignment, assignment.exchanges.length + made.length)]);
  }
  if (next === "run") {
    const index = assignment.exchanges.length + made.length;
    const awaited = awaitedNow(world, assignment, awaitOfCall(index), send);
    if (awaited === undefined) return exchangeOn(world, assignment, [...made, resultOfCall(assignment, index)]);
    return settleWith({ kind: "paused", reason: "child_runs", isCall: true, awaited, results: made });
  }
  if (next !== "effect") {
    const isTold = next === "callback" && auditAddress(world.auditor, assignment, "awaited");
    if (next === "callback" && !isTold) daemon(world, { step, generation, wait }, vertex.waitMs, send);
    return settleWith(pauseOfCall(next, made, vertex.waitMs, wallClock(world)));
  }
  if (isLogged && made.length > 0 && fault(world, "yield", 0.2)) return settleWith({ kind: "yielded", results: made });
  schedule(world, "runner", world.random.int(1, 200), () => {
    if (!isLogged || made.length === 0) return effectOf(world, assignment, made);
    world.auditor.settling = [leaseOf(assignment)];
    attempt(
      world,
      () => {
        if (logged(world, assignment, made)) effectOf(world, { ...assignment, exchanges: withResults(assignment, made) }, []);
      },
      () => {},
    );
    world.auditor.settling = [];
  });
}

const withResults = ({ exchanges }: Assignment, made: readonly Value[]): readonly Exchange[] => [
  ...exchanges,
  ...made.map((value) => ({ kind: "result", value }) as const),
];

const logged = (world: World, assignment: Assignment, made: readonly Value[]): boolean =>
  call(world, (ledger) => exchange(ledger, leaseOf(assignment), wallClock(world), made));

function effectOf(world: World, assignment: Assignment, made: readonly Value[]): void {
  const index = assignment.exchanges.length + made.length;
  auditEffect(world.auditor, assignment, index);
  exchangeOn(world, assignment, [...made, resultOfCall(assignment, index)]);
}

function end(world: World, assignment: Assignment): void {
  const planned = outcomeOf(assignment, world.scenario.script, wallClock(world));
  const awaits = awaitsOf(world.scenario.script, assignment);
  const awaited = awaits === undefined ? undefined : awaitedNow(world, assignment, awaits, send);
  const outcome: Outcome = awaited === undefined ? planned : { ...planned, result: { kind: "paused", reason: "child_runs", awaited } };
  const { step, generation, wait } = assignment;
  if (outcome.result.kind === "paused" && outcome.result.reason !== "timer")
    daemon(world, { step, generation, wait }, assignment.vertex.waitMs, send);
  world.auditor.attempts.computedOn.set(outcome, assignment);
  const outcomes = [outcome, ...alongLine(world, assignment, outcome)];
  const ms = fault(world, "zombie", outcomes.length > 1 ? 0.3 : 0.05) ? world.random.int(20_000, SLOW_MS) : world.random.int(1, 500);
  settleLater(world, outcomes, ms);
  if (fault(world, "doubleSettle", 0.05)) settleLater(world, outcomes, ms + world.random.int(1, 40_000));
}

/** What follows in the line is executed before anything is settled. */
function alongLine(world: World, assignment: Assignment, outcome: Outcome): readonly Outcome[] {
  if (assignment.line === undefined || !fault(world, "alongLine", 0.5)) return [];
  const next = nextInLine(assignment, outcome, wallClock(world));
  if (next === undefined) return [];
  auditLine(assignment, outcome, next);
  const { script } = world.scenario;
  const isPlain = callsOf(script, next.step).length === 0 && awaitsOf(script, next) === undefined;
  if (!isPlain) return [];
  const following: Outcome = { ...outcomeOf(next, script, wallClock(world)), follows: true };
  world.auditor.attempts.computedOn.set(following, next);
  return following.result.kind === "succeeded" ? [following, ...alongLine(world, next, following)] : [];
}

const finishLater = (world: World, outcome: Outcome, ms: number): void => settleLater(world, [outcome], ms);

const settleLater = (world: World, outcomes: readonly Outcome[], ms: number): void =>
  schedule(world, "runner", ms, () => finish(world, [...outcomes, ...group(world)], 5), { outcomes });

/** What other steps have ready by now is settled in the same call. */
function group(world: World): readonly Outcome[] {
  const others = world.tasks.filter(({ kind, at }) => kind === "runner" && at <= world.time + 20);
  for (const task of others) world.tasks.splice(world.tasks.indexOf(task), 1);
  return others.flatMap(({ outcomes }) => outcomes ?? []);
}

function finish(world: World, outcomes: readonly Outcome[], tries: number): void {
  world.auditor.settling = outcomes;
  attempt(
    world,
    () => {
      const { hints, offers } = call(world, (ledger) => settle(ledger, outcomes, MAX_OFFERS));
      for (const offer of offers) {
        auditAssignment(world.auditor, offer, wallClock(world));
        world.offers.set(offer.step, offer);
      }
      giveBack(world, outcomes);
      const [only] = offers;
      if (only === undefined || hints.length > 1 || !fault(world, "goOn", 0.5)) send(world, hints);
      else {
        // No message tells of it: if this runner dies, the alarm has to.
        world.offers.delete(only.step);
        execute(world, only);
      }
      world.onChange();
    },
    () => {
      giveBack(world, outcomes);
      if (tries > 0 && world.random.chance(0.5)) schedule(world, "runner", 500, () => finish(world, outcomes, tries - 1));
    },
  );
  world.auditor.settling = [];
}
