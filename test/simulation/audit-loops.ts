/** Checks loops: that every step is where the oracle wants it, how many items are in flight, and what steps are told of items and answers. */
import { gatheredPage } from "../../shared/ledger/lists.ts";
import type { Ledger } from "../../shared/ledger/ledger.ts";
import type { RunState } from "../../shared/model/run-state.ts";
import type { Assignment } from "../../shared/run-api.ts";
import { type Ending, type Facts, judge, type Judgement, passKey } from "./oracle.ts";
import { itemOf, listOf, type Script } from "./script.ts";
import { fail } from "./violation.ts";

/** Which items have begun is taken from the state; that it is right is checked by `auditPasses`. */
export const factsOf =
  ({ loops }: RunState): Facts =>
  (loop, item) => {
    const run = loops.get(passKey(loop, item));
    if (run === undefined) return undefined;
    const queued = new Set(run.again);
    const begun = Array.from({ length: run.next }, (_, index) => index).filter((index) => !queued.has(index));
    return { count: run.count, begun, queued: queued.size };
  };

type Watched = {
  readonly endings: ReadonlyMap<string, Ending>;
  readonly script: Script;
  /** Loops that have stopped: the first item that they did not begin. */
  readonly stopped: Map<string, number>;
};

/** Everything is where the results so far want it, and nothing else is there. */
export function auditPlaces(watched: Watched, state: RunState): void {
  const { verdicts } = auditPasses(watched, state);
  for (const [key, verdict] of verdicts) {
    const status = state.steps.get(key)?.status;
    const actual = status === undefined ? "open" : status === "skipped" ? "skipped" : "started";
    if (verdict !== actual) fail("I4", `${key} is ${actual}, by the results so far it is ${verdict}`);
  }
  for (const { key, vertex, item } of state.steps.values()) {
    const isQueued = vertex.loops.some((id, depth) =>
      state.loops.get(passKey(id, item.slice(0, depth)))?.again.includes(item[depth] ?? -1),
    );
    if (vertex.kind !== "epilogue" && vertex.kind !== "prologue" && !isQueued && !verdicts.has(key))
      fail("I4", `${key} is there, but nothing can have made it`);
  }
}

function auditPasses({ endings, script, stopped }: Watched, state: RunState): Judgement {
  const judgement = judge(state.plan, endings, factsOf(state));
  for (const [key, { state: verdict, incomplete, isStopped, isMissing }] of judgement.passes) {
    const run = state.loops.get(key);
    if (isMissing) fail("I10", `the loop ${key} was not opened`);
    if (run === undefined) continue;
    const { opener } = run.loop;
    const source = (state.plan.vertices[opener]?.key ?? "") + run.item.map((index) => `[${index}]`).join("");
    if (run.count !== listOf(script, source)) fail("F8", `the loop ${key} has ${run.count} items, its list ${listOf(script, source)}`);
    if (verdict === "dead") fail("I4", `the loop ${key} was opened, but nothing may open it`);
    if ((verdict === "over") !== run.isEnded) fail("I1", `the loop ${key} is ${verdict}, but ${run.isEnded ? "has ended" : "goes on"}`);
    if (state.ended !== undefined || verdict === "over") continue;
    if (incomplete.length > run.loop.concurrency) fail("F7", `${incomplete.length} items of ${key} are in flight`);
    const stoppedAt = isStopped ? (stopped.get(key) ?? run.next) : run.next;
    if (isStopped) stopped.set(key, stoppedAt);
    if (run.next > stoppedAt) fail("F9", `the loop ${key} has stopped, and begins an item`);
    const isLeft = run.again.length > 0 || (run.next < run.count && !isStopped);
    if (isLeft && incomplete.length < run.loop.concurrency) fail("I10", `items of ${key} are left, and there is room for them`);
  }
  return judgement;
}

/** What an assignment tells of the loops around its step, and of those that have ended. */
export function auditScope(script: Script, state: RunState, ledger: Ledger, { step, vertex, item, scope }: Assignment): void {
  const { plan } = state;
  for (const [depth, id] of vertex.loops.entries()) {
    const loop = plan.loops?.[id];
    const opener = plan.vertices[loop?.opener ?? -1]?.key ?? "";
    const source =
      opener +
      item
        .slice(0, depth)
        .map((index) => `[${index}]`)
        .join("");
    const told = scope.loops[depth];
    const isRight = told?.variable === loop?.variable && told?.index === item[depth] && told?.count === listOf(script, source);
    if (!isRight) fail("F8", `${step} is told ${JSON.stringify(told)} of its loop ${id}`);
    const isNeeded = vertex.needs.items?.includes(loop?.variable ?? "") === true;
    const value = isNeeded ? itemOf(source, item[depth] ?? 0) : null;
    if (JSON.stringify(told?.value ?? null) !== JSON.stringify(value)) fail("F8", `${step} is told another item: ${JSON.stringify(told)}`);
  }
  for (const key of vertex.needs.nodes) auditGathered(state, ledger, key, { step, vertex, scope });
}

function auditGathered(
  state: RunState,
  ledger: Ledger,
  key: string,
  { step, vertex, scope }: Pick<Assignment, "step" | "vertex" | "scope">,
): void {
  const source = state.plan.vertices.find((one) => one.key === key);
  if (source === undefined || source.loops.length <= vertex.loops.length) return;
  const told = scope.gathered.find((one) => one.key === key);
  // The loop that holds the source ends before its GATHER is followed; by another edge the step may run without it.
  const path = (told?.item ?? state.steps.get(step)?.item ?? []).slice(0, source.loops.length - 1);
  const hasEnded = state.loops.get(passKey(source.loops.at(-1) ?? -1, path))?.isEnded === true;
  if ((told !== undefined) !== hasEnded) return fail("F8", `${step} is ${told ? "" : "not "}told what was gathered of ${key}`);
  if (told === undefined) return;
  const page = gatheredPage(ledger, key, told.item, 0);
  if (page.answers.length !== told.count) fail("F8", `${page.answers.length} of ${told.count} answers of ${key} are gathered`);
  for (const [index, answer] of page.answers.entries()) {
    const one = state.steps.get(`${key}${[...told.item, index].map((at) => `[${at}]`).join("")}`);
    const isThere = one?.status === "succeeded" || one?.status === "failed";
    if (isThere !== (answer !== null)) fail("F8", `answer ${index} of ${key} is ${isThere ? "missing" : "made up"}`);
  }
}
