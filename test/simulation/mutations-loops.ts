/** Planted bugs in loops; see `mutations.ts`. */
import type { Mutation } from "./mutation.ts";

const ADVANCE = "model/advance.ts";
const EDGES = "model/edge-state.ts";
const RESTART = "model/restart.ts";
const LOOP = "model/loop-run.ts";
const REDRIVE = "model/redrive.ts";
const PLAN = "model/change-plan.ts";
const LISTS = "ledger/lists.ts";

export const LOOP_MUTATIONS: readonly Mutation[] = [
  {
    bug: "one item too many is in flight",
    file: ADVANCE,
    find: "while (run.open.size < run.loop.concurrency)",
    replace: "while (run.open.size <= run.loop.concurrency)",
  },
  {
    bug: "an item that ends begins no other",
    file: ADVANCE,
    find: "run.open.delete(indexIn(item));\n  pump(state, run, at);",
    replace: "run.open.delete(indexIn(item)); if (run.open.size === 0) pump(state, run, at);",
  },
  {
    bug: "a loop ends with its first item",
    file: ADVANCE,
    find: "if (run.open.size === 0) endLoop(state, run, at);",
    replace: "if (run.open.size < run.count) endLoop(state, run, at);",
  },
  {
    bug: "an inner loop does not count as alive in its item",
    file: ADVANCE,
    find: "enter(state, opener.vertex.loops, opener.item);",
    replace: "",
  },
  {
    bug: "an item resumed holds what was just opened twice",
    file: ADVANCE,
    find: ".filter(({ isEnded }) => !isEnded);\n  for (const vertex of run.loop.body) arrive(state, vertex, item, at);",
    replace:
      ".filter(({ isEnded }) => !isEnded);\n  for (const vertex of run.loop.body) arrive(state, vertex, item, at);\n  for (const one of unended) enter(state, [run.id], item);",
  },
  {
    bug: "a loop that is never opened leaves its GATHER open",
    file: ADVANCE,
    find: 'if (status !== "succeeded") arriveAll(state, loopAt(state.plan, id).gathers, item, at);\n    else if',
    replace: "if (status !== 'succeeded') continue;\n    else if",
  },
  {
    bug: "all loops of a node begin at once",
    file: ADVANCE,
    find: "else if (isFirst(state, vertex, id)) openLoop",
    replace: "else openLoop",
  },
  {
    bug: "nothing follows a loop",
    file: ADVANCE,
    find: 'if (relation.kind !== "foreach") arrive(state, to, item, at);',
    replace: 'if (relation.kind !== "foreach") continue;',
  },
  { bug: "an edge after a loop does not wait for it", file: EDGES, find: "isLoopOver(state, after, item) ?", replace: "true ?" },
  {
    bug: "a GATHER does not wait for its loop",
    file: EDGES,
    find: 'if (run !== undefined) return run.isEnded ? "taken" : "open";',
    replace: 'if (run !== undefined) return "taken";',
  },
  {
    bug: "a failure in a loop counts although it is tolerated",
    file: LOOP,
    find: "!isGathered(run) && isTooMuch(run)",
    replace: "!isGathered(run) && run.failed.size > 0",
  },
  { bug: "a loop that fails too often fails nothing", file: LOOP, find: "!isGathered(run) && isTooMuch(run)", replace: "false" },
  { bug: "a failure that is gathered fails the run", file: LOOP, find: "!isGathered(run) && isTooMuch(run)", replace: "isTooMuch(run)" },
  { bug: "a loop does not stop", file: LOOP, find: 'run.loop.onItemFailure === "stop" && isTooMuch(run)', replace: "false" },
  {
    bug: "a loop stops though nobody wants it to",
    file: LOOP,
    find: 'run.loop.onItemFailure === "stop" && isTooMuch(run)',
    replace: "isTooMuch(run)",
  },
  {
    bug: "a failure inside of an inner loop does not reach the item around it",
    file: ADVANCE,
    find: "if (failure !== undefined) noteFailure(state, loops, item, failure);",
    replace: "",
  },
  {
    bug: "items of a run that ended count as in flight for ever",
    file: RESTART,
    find: "for (const run of state.loops.values()) run.open.clear();",
    replace: "",
  },
  {
    bug: "a redrive leaves the loops around an item ended",
    file: RESTART,
    find: "run.isEnded &&= queued.size === 0 && (isStopped(run) || run.next >= run.count);",
    replace: "",
  },
  {
    bug: "a redrive keeps failures that are being repaired",
    file: RESTART,
    find: "for (const run of state.loops.values()) run.failed.clear();",
    replace: "",
  },
  {
    bug: "a redrive keeps the passes of what opens them anew",
    file: RESTART,
    find: "for (const loop of loopsOpenedBy(state.plan, vertex)) state.loops.delete(loopKey(loop, item));",
    replace: "",
  },
  { bug: "a redrive keeps what follows a loop", file: RESTART, find: "state.loops.delete(loopKey(next.id, item));", replace: "" },
  {
    bug: "a redrive of an item does not gather again",
    file: REDRIVE,
    find: "vertex.loops.forEach((loop, depth) => chooseAfter(loop, item.slice(0, depth)));",
    replace: "",
  },
  {
    bug: "a redrive of a list keeps its items",
    file: REDRIVE,
    find: "for (const loop of loopsOpenedBy(plan, vertex)) choosePass(loop, item);",
    replace: "",
  },
  {
    bug: "an item is handed to its neighbour",
    file: LISTS,
    find: "row.items[index - chunk.offset]",
    replace: "row.items[(index + 1) % row.items.length]",
  },
  { bug: "a list loses its last item", file: LISTS, find: "count: items.length }", replace: "count: Math.max(0, items.length - 1) }" },
  {
    bug: "gathered answers are out of place",
    file: LISTS,
    find: "stepKey(key, [...item, index])",
    replace: "stepKey(key, [...item, end - 1 - (index - from)])",
  },
  // other versions
  {
    bug: "a changed config keeps its results",
    file: PLAN,
    find: "whatItIs(before, old) !== whatItIs(after, vertex)",
    replace: "false",
  },
  {
    bug: "a node keeps its results although what leads to it has changed",
    file: PLAN,
    find: 'was.join("\\n") === is.join("\\n") && vertex.incoming.every((id) => unchanged.has(keyOfSource(after, after.edges[id])))',
    replace: "true",
  },
  {
    bug: "kept steps follow the edges of the old plan",
    file: PLAN,
    find: "isFollowed || (isCondition && wasTaken(relation)) ? [id] : []",
    replace: "step.taken.includes(id) ? [id] : []",
  },
  { bug: "a branch that was taken is dead in the new plan", file: PLAN, find: "(isCondition && wasTaken(relation))", replace: "false" },
  {
    bug: "a loop loses its pass with a new plan",
    file: PLAN,
    find: "for (const run of carried) state.loops.set(loopKey(run.id, run.item), run);",
    replace: "",
  },
  {
    bug: "a node that a new plan adds to a loop does not run for kept items",
    file: RESTART,
    find: "loop.body.some((vertex) => !state.steps.has(stepKey(vertexAt(state.plan, vertex).key, item)))",
    replace: "false",
  },
];
