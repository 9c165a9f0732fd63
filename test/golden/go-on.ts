/** Goes on with a run to its end: every step that is given out succeeds, whoever is waited for answers, and time passes. */
import { claim } from "../../shared/ledger/claim.ts";
import { answer, redrive } from "../../shared/ledger/control.ts";
import { finishErrand, notify, takeErrands } from "../../shared/ledger/kin.ts";
import { nextSweepAt, sweep } from "../../shared/ledger/sweep.ts";
import { view } from "../../shared/ledger/view.ts";
import type { Assignment, ItemList, Outcome } from "../../shared/run-api.ts";
import type { Wait } from "../../shared/run-view.ts";
import type { Play } from "../shared/ledger/play.ts";

const MAX_TURNS = 200;

export type Afterwards = { readonly status: string; readonly output: unknown; readonly executed: readonly string[] };

/** The process that wrote the log is dead: the run is opened in another boot. */
export function goOn(before: Play): Afterwards {
  const run = before.reopen("boot-afterwards");
  const executed: string[] = [];
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    const hinted = sweep(run.ledger).hints.map(({ hint }) => hint.step);
    for (const reply of claim(run.ledger, hinted)) {
      if (reply.kind !== "execute") continue;
      executed.push(reply.step);
      run.end(reply, resultOf(reply));
    }
    for (const errand of takeErrands(run.ledger)) finishErrand(run.ledger, errand, errand.kind === "ask" ? "held" : "done");
    if (isOver(run)) break;
    for (const wait of hinted.length > 0 ? [] : (view(run.ledger, { offset: 0, limit: 0 })?.waiting ?? [])) help(run, wait);
    run.clock.now = Math.max(run.clock.now + 1, Math.min(nextSweepAt(run.ledger), run.clock.now + 60_000));
  }
  const shown = view(run.ledger, { offset: 0, limit: 0 });
  return { status: shown?.summary.status ?? "none", output: shown?.output, executed };
}

const isOver = ({ ledger: { state } }: Play): boolean =>
  state?.ended !== undefined &&
  [...state.steps.values()].every(({ vertex, endedAt }) => vertex.kind !== "epilogue" || endedAt !== undefined);

function resultOf({ step, edges, exchanges, lease, vertex }: Assignment): Outcome["result"] {
  const taken = edges.filter(({ relation }) => relation.kind !== "fail").map(({ id }) => id);
  const loops = edges.flatMap(({ relation }) => (relation.kind === "foreach" ? [relation.loop] : []));
  const lists: readonly ItemList[] = [...new Set(loops)].map((loop) => ({ loop, items: [{ json: "1" }, { json: "2" }] }));
  const data = vertex.kind === "prologue" ? { key: "k", limit: 1, lease } : { step, exchanges };
  return {
    kind: "succeeded",
    output: { json: JSON.stringify({ success: true, data }) },
    taken,
    ...(lists.length === 0 ? {} : { lists }),
  };
}

function help(run: Play, { reason, ref, node, childRuns }: Wait): void {
  if (ref !== null) answer(run.ledger, { ref }, { success: true, data: { json: '"yes"' }, digest: "yes" }, "yes");
  if (reason === "unknown_outcome") redrive(run.ledger, { nodes: [node], confirm: true });
  for (const runId of childRuns) notify(run.ledger, [{ step: node, generation: 0, run: { runId, life: 0 }, failed: false }]);
}
