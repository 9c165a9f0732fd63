import fc from "fast-check";
import { describe, it } from "vitest";
import { edgeState } from "../../../shared/model/edge-state.ts";
import { takenOnSuccess } from "../../../shared/model/edges.ts";
import { edgeAt, edgesFrom } from "../../../shared/model/plan-index.ts";
import { apply, fold } from "../../../shared/model/fold.ts";
import type { RunState } from "../../../shared/model/run-state.ts";
import type { LogRow, RunEvent } from "../../../shared/model/log.ts";
import { isStepTerminal } from "../../../shared/model/run.ts";
import type { Plan } from "../../../shared/model/plan.ts";
import { type Case, graphCase } from "../../simulation/graph-arbitrary.ts";
import { type Ending, judge } from "../../simulation/oracle.ts";

const started = (plan: Plan): RunEvent => ({
  type: "run.started",
  engine: 1,
  tenant: "t",
  runId: "r",
  plan,
  digests: {},
  input: { json: "{}" },
  inputDigest: "d",
  taken: plan.vertices[0]?.outgoing ?? [],
  origin: { kind: "rpc", depth: 0 },
});

function endOf(state: RunState, key: string, ending: Ending): RunEvent {
  const step = state.steps.get(key);
  if (step === undefined) throw new Error(`no step ${key}`);
  const base = { step: key, generation: step.generation, attempt: step.attempt, startedAt: 0, fuel: 1 };
  if (ending.kind === "fail") return { ...base, type: "step.failed", error: { code: ending.code, message: "", retryable: false } };
  return {
    ...base,
    type: "step.succeeded",
    output: { json: "{}" },
    ...takenOnSuccess(edgesFrom(state.plan, step.vertex), ending.branch, () => ({ scope: {}, names: new Set() })),
  };
}

/** Ends one ready node after the other; `visit` sees every state and the endings so far. */
function play(
  { plan, endings, order }: Case,
  visit: (state: RunState, known: ReadonlyMap<string, Ending>, rows: readonly LogRow[]) => void,
): RunState {
  const rows: LogRow[] = [];
  const known = new Map<string, Ending>([["input", { kind: "success" }]]);
  let state: RunState | undefined;
  const record = (event: RunEvent): RunState => {
    const row: LogRow = { seq: rows.length + 1, at: rows.length, event };
    rows.push(row);
    state = apply(state, row);
    visit(state, known, rows);
    return state;
  };
  let current = record(started(plan));
  for (let turn = 0; current.live.size > 0; turn += 1) {
    const live = [...current.live];
    const next = live[(order[turn] ?? 0) % live.length];
    if (next === undefined) break;
    const ending = endings.get(next.key) ?? { kind: "success" };
    known.set(next.key, ending);
    current = record(endOf(current, next.key, ending));
  }
  return current;
}

describe("the fold of a random graph", () => {
  it("starts and skips exactly what the results so far allow, after every row (I3, I4)", () => {
    fc.assert(
      fc.property(graphCase, (one) => {
        play(one, (state, known) => {
          const { verdicts, followed } = judge(one.plan, known);
          for (const vertex of one.plan.vertices) {
            const status = state.steps.get(vertex.key)?.status;
            const actual = status === undefined ? "open" : status === "skipped" ? "skipped" : "started";
            if (verdicts.get(vertex.key) !== actual) throw new Error(`${vertex.key} is ${actual}, expected ${verdicts.get(vertex.key)}`);
            for (const id of vertex.incoming) {
              const edge = { taken: true, dead: false, open: undefined }[edgeState(state, edgeAt(one.plan, id), [])];
              if (edge !== followed(id, [])) throw new Error(`edge ${id} is ${edge}, expected ${followed(id, [])}`);
            }
          }
        });
      }),
      { numRuns: 2000 },
    );
  });

  it("leaves no step undecided when nothing is live (I1)", () => {
    fc.assert(
      fc.property(graphCase, (one) => {
        const state = play(one, () => {});
        return one.plan.vertices.every(({ key }) => isStepTerminal(state.steps.get(key)?.status ?? "ready"));
      }),
      { numRuns: 2000 },
    );
  });

  it("ends the same whatever the order in which nodes end (I3)", () => {
    fc.assert(
      fc.property(graphCase, fc.array(fc.nat(8), { maxLength: 9 }), (one, order) => {
        const statuses = (state: RunState) => one.plan.vertices.map(({ key }) => state.steps.get(key)?.status).join();
        return statuses(play(one, () => {})) === statuses(play({ ...one, order }, () => {}));
      }),
      { numRuns: 2000 },
    );
  });

  it("never changes a step that has ended, nor an edge that was decided (I2, I5)", () => {
    fc.assert(
      fc.property(graphCase, (one) => {
        const ended = new Map<string, string>();
        play(one, (state) => {
          for (const { key, status, outputSeq, taken } of state.steps.values()) {
            if (!isStepTerminal(status)) continue;
            const now = JSON.stringify([status, outputSeq, taken]);
            if ((ended.get(key) ?? now) !== now) throw new Error(`${key} changed from ${ended.get(key)} to ${now}`);
            ended.set(key, now);
          }
        });
      }),
      { numRuns: 1000 },
    );
  });

  it("is the same from the stored text of the log (I12)", () => {
    fc.assert(
      fc.property(graphCase, (one) => {
        let rows: readonly LogRow[] = [];
        const state = play(one, (_, __, all) => {
          rows = all;
        });
        const again = fold(JSON.parse(JSON.stringify(rows)));
        const shown = (one: RunState | undefined) =>
          JSON.stringify([[...(one?.steps.values() ?? [])], [...(one?.loops ?? [])], one?.readied]);
        return shown(state) === shown(again);
      }),
      { numRuns: 1000 },
    );
  });
});
