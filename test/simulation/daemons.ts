/** Those who answer the pauses of a simulated run: early, late, twice, differently or never. */
import { answer } from "../../shared/ledger/control.ts";
import { volatileLease } from "../../shared/ledger/ledger.ts";
import type { LaneHint } from "../../shared/message.ts";
import type { AnswerReply } from "../../shared/run-api.ts";
import type { WaitRef } from "../../shared/run-view.ts";
import { Violation } from "./violation.ts";
import { attempt, call, fault, isCalm, schedule, type World } from "./world.ts";

type Send = (world: World, hints: readonly LaneHint[]) => void;

/** The daemon was told the token; what it does with it is its business. */
export function daemon(world: World, ref: WaitRef, waitMs: number, send: Send): void {
  const say = (delayMs: number, variant: string) => schedule(world, "outside", delayMs, () => tell(world, ref, variant, send, 5));
  if (fault(world, "noAnswer", 0.1)) return;
  if (fault(world, "lateAnswer", 0.1)) return say(waitMs + world.random.int(-1000, 20_000), "a");
  const delayMs = fault(world, "earlyAnswer", 0.2) ? 0 : world.random.int(1, 40_000);
  say(delayMs, "a");
  const gapMs = world.random.pick([50, 100_000]);
  if (fault(world, "doubleAnswer", 0.15)) say(delayMs + world.random.int(0, gapMs), "a");
  if (fault(world, "conflictingAnswer", 0.15)) say(delayMs + world.random.int(0, gapMs), "b");
}

function tell(world: World, ref: WaitRef, variant: string, send: Send, tries: number): void {
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
      if (tries > 0) schedule(world, "outside", 5000, () => tell(world, ref, variant, send, isCalm(world) ? tries : tries - 1));
    },
  );
}

/** Not while a runner goes on from it: its time was over once, and a clock that was set back does not open it again. */
function isAnswerable({ auditor: { shadow }, ledger, ...world }: World, ref: WaitRef): boolean {
  const step = shadow?.steps.get(ref.step);
  const now = world.time + world.offset;
  if (ledger !== undefined && volatileLease(ledger, ref.step, now) !== undefined) return false;
  return (
    step?.status === "waiting" &&
    step.generation === ref.generation &&
    step.wait?.number === ref.wait &&
    step.wait.expiresAt > now &&
    step.dueAt > now
  );
}

function auditReply({ auditor }: World, { step, generation, wait }: WaitRef, digest: string, { kind }: AnswerReply, isOpen: boolean): void {
  const recorded = auditor.answers.get(JSON.stringify([step, generation, wait]));
  const isOurs = recorded === digest;
  if ((kind === "accepted" || kind === "same") && !isOurs) throw new Violation(`I6: an answer was ${kind}, but recorded is ${recorded}`);
  if (kind === "conflict" && (isOurs || recorded === undefined)) throw new Violation("I6: an answer is called a conflict without one");
  if (isOpen && kind !== "accepted" && kind !== "same" && kind !== "conflict")
    throw new Violation(`I6: the wait is open, but the answer was ${kind}`);
}
