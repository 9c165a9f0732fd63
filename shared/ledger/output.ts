/** Where the output of a run is found: it is not stored again, it is the output of the nodes that ended the flow. */
import type { LogStore } from "../log-store.ts";
import { MAX_OUTPUT_BYTES } from "../model/limits.ts";
import type { Value } from "../model/log.ts";
import type { RunState, Step } from "../model/run-state.ts";
import type { OutputSource } from "../run-view.ts";
import { valueIn } from "./summary.ts";

/** A step that ran `respond` decides what a waiting caller is answered. */
export const RESPOND = "respond";

export function outputSource(store: LogStore, state: RunState): OutputSource {
  if (state.ended?.status !== "succeeded") return { kind: "none" };
  const outputs = lastSteps(state).flatMap((step) => {
    const output = valueIn(store, step.outputSeq, "output");
    return output === undefined ? [] : [{ node: step.vertex.node, output }];
  });
  const [first, ...more] = outputs;
  if (first === undefined) return { kind: "none" };
  if (more.length === 0) return { kind: "one", output: first.output };
  const nodes = outputs.map(({ node, output }) => ({ node, bytes: bytesOf(output) }));
  const bytes = nodes.reduce((sum, node) => sum + node.bytes, 0);
  return bytes > MAX_OUTPUT_BYTES ? { kind: "too_large", nodes } : { kind: "many", outputs };
}

const bytesOf = (value: Value): number => ("json" in value ? value.json.length : value.bytes);

/** The output node if it has a config, else those that led to it, else those that nothing follows. */
function lastSteps(state: RunState): readonly Step[] {
  const ran = [...state.steps.values()].filter(
    ({ status, vertex }) => status === "succeeded" && vertex.kind !== "start" && vertex.kind !== "epilogue",
  );
  const end = ran.find(({ vertex }) => vertex.kind === "end");
  if (end?.vertex.config !== undefined) return [end];
  const led = ran.filter((step) => step !== end && targets(state, step).some((vertex) => vertex === end?.vertex));
  if (led.length > 0) return led;
  return ran.filter((step) => step !== end && targets(state, step).length === 0);
}

const targets = (state: RunState, step: Step) => step.taken.flatMap((id) => state.plan.vertices[state.plan.edges[id]?.to ?? -1] ?? []);
