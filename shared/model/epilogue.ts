/** The only steps that run after the end of a run (R9): its final callback. They do not change how the run ended. */
import { DAY_MS, MINUTE_MS, SECOND_MS } from "./limits.ts";
import type { Vertex } from "./plan.ts";

const FINAL_CALLBACK = "final_callback";
/** No name of a node holds a `$`. */
export const EPILOGUE_KEY = `$${FINAL_CALLBACK}`;

/** Tried for a day: 5 s, 10 s, 20 s … at most an hour apart, of which chance takes a quarter on the average. */
export function epilogueVertex(url: string): Vertex {
  return {
    key: EPILOGUE_KEY,
    node: EPILOGUE_KEY,
    loops: [],
    kind: "epilogue",
    component: FINAL_CALLBACK,
    config: { url },
    receives: "params",
    effects: "idempotent",
    lane: "io",
    mayPause: false,
    join: { kind: "settled" },
    retry: { attempts: 42, backoff: "exponential", initialMs: 5 * SECOND_MS, maxMs: 60 * MINUTE_MS, jitter: true },
    timeoutMs: 20 * SECOND_MS,
    waitMs: DAY_MS,
    delayMs: 0,
    onUnknown: "fail",
    needs: { input: false, context: false, nodes: [] },
    incoming: [],
    outgoing: [],
  };
}
