/** Checks what the ledger gives out to runners, and that effects do not happen twice. */
import { isDeepStrictEqual } from "node:util";
import type { Assignment, Outcome } from "../../shared/run-api.ts";
import { auditSpared, ownPauses } from "./audit-attempts.ts";
import { auditAwake } from "./audit-kin.ts";
import { type Auditor, waitKey } from "./auditor.ts";
import { callsOf, resultOfCall } from "./script.ts";
import { fail } from "./violation.ts";

/** Call for every assignment that the ledger gives out, even if it never arrives. */
export function auditAssignment(auditor: Auditor, assignment: Assignment, now: number): void {
  const { step: key, vertex, attempt, pauses, lease } = assignment;
  const step = auditor.shadow?.steps.get(key);
  // A claim that ends the run (a once step in doubt) may give out the epilogue that it just made.
  if (step === undefined) return vertex.kind === "epilogue" ? undefined : fail("I3", `${key} was given out, but is not there`);
  const issue = `${key} ${lease}`;
  if (auditor.issued.has(issue)) fail("B6", `lease ${lease} of ${key} was given twice`);
  auditor.issued.add(issue);
  auditor.leases.set(key, lease);
  if (
    step.status === "ready" &&
    vertex.delayMs > 0 &&
    now < step.readyAt + vertex.delayMs &&
    step.attempt === 1 &&
    pauses === 0 &&
    !step.isMidway &&
    step.queued === undefined
  )
    fail("I3", `${key} was given out before its delay was over`);
  if (attempt !== step.attempt) fail("I7", `${key} was given out as attempt ${attempt}`);
  if (step.status === "retrying" && step.dueAt > now) fail("I7", `${key} was given out before its retry is due`);
  if (step.status === "waiting" && step.dueAt > now) fail("I3", `${key} was given out while it waits`);
  if (step.status === "ready" && auditor.asleep.has(key)) fail("I6", `${key} was woken from its sleep by something else than time`);
  auditAwake(auditor.kin, step);
  auditExchanges(auditor, assignment);
  const isStillAnswered = step.wait === undefined || step.wait.isAfterAnswer === true;
  if (!auditSpared(auditor.attempts, assignment)) auditResume(auditor, assignment, isStillAnswered);
}

function auditResume(auditor: Auditor, assignment: Assignment, isAnswered: boolean): void {
  const { step: key, generation, wait, resume } = assignment;
  const pauses = ownPauses(auditor.attempts, assignment);
  const hasCalls = callsOf(auditor.script, key).length > 0;
  if (pauses === 0 || hasCalls) return resume === null ? undefined : fail("I6", `${key} is resumed, but nothing ended a pause of it`);
  const answered = isAnswered ? auditor.answers.get(waitKey(key, generation, wait - 1)) : undefined;
  if (answered !== undefined && (resume?.kind !== "answered" || resume.answer.digest !== answered))
    fail("I6", `the accepted answer for wait ${wait - 1} of ${key} is not handed out`);
  if (answered === undefined && resume?.kind !== "due") fail("I6", `${key} goes on after pause ${pauses} for no reason`);
}

/** Every result that was logged is handed out, once, in its place. */
function auditExchanges(auditor: Auditor, assignment: Assignment): void {
  const { step, exchanges } = assignment;
  const logged = auditor.exchanged.get(step) ?? 0;
  if (exchanges.length !== logged) fail("P1", `${exchanges.length} results of calls of ${step} are handed out, ${logged} were logged`);
  for (const [index, exchange] of exchanges.entries()) {
    const call = callsOf(auditor.script, step)[index];
    const isRight =
      exchange.kind === "result"
        ? isDeepStrictEqual(exchange.value, resultOfCall(assignment, index)) && (call === "effect" || call === "address" || call === "run")
        : exchange.kind === "slept"
          ? call === "sleep"
          : call === "callback";
    if (!isRight) fail("P1", `call ${index} of ${step} (${call}) is told ${JSON.stringify(exchange)}`);
    if (exchange.kind === "answered" && ![...auditor.answers.values()].includes(exchange.answer.digest))
      fail("I6", `call ${index} of ${step} is told an answer that nobody gave`);
  }
}

/** Call when a part learns the address of its next callback, and when it waits for that callback. True: somebody was told the address. */
export function auditAddress(auditor: Auditor, { step, generation, attempt, wait }: Assignment, when: "told" | "awaited"): boolean {
  const { addresses, shadow } = auditor;
  const key = JSON.stringify([step, generation, attempt]);
  const told = addresses.get(key);
  const now = shadow?.steps.get(step);
  if (now === undefined || now.waits !== wait || now.generation !== generation || now.attempt !== attempt) return false; // a zombie
  if (when === "told") return addresses.set(key, wait).has(key);
  addresses.delete(key);
  if (told !== undefined && told !== wait) fail("I6", `${step} was told the address of wait ${told} and waits for ${wait}`);
  return told === wait;
}

/** Call for every step of a line that is executed although nothing of it was settled: nobody may notice, and it sees what came before. */
export function auditLine({ vertex: before }: Assignment, { result }: Outcome, { step, vertex, scope }: Assignment): void {
  if (vertex.effects !== "pure" || vertex.kind !== "part" || vertex.concurrency !== undefined)
    fail("R2", `${step} was executed before what it follows from was committed`);
  const answered = scope.nodes.find(({ name }) => name === before.node);
  const isNeeded = vertex.needs.nodes.includes(before.key);
  if (isNeeded && (result.kind !== "succeeded" || !isDeepStrictEqual(answered?.value, result.output)))
    fail("R8", `${step} is not told what ${before.key} answered`);
}

/** Call when an effect happens. */
export function auditEffect({ effects }: Auditor, { step, vertex, generation, attempt, pauses }: Assignment, index = 0): void {
  if (vertex.effects !== "once") return;
  const key = JSON.stringify([step, generation, attempt, pauses, index]);
  if (effects.has(key)) fail("B2", `the effect of the once step ${key} happened twice`);
  effects.add(key);
}
