/** What the keys of `policy` mean: the documentation is made from it, with the limits that the readers of `parse-policy.ts` obey. */
import { durationText } from "../duration.ts";
import {
  DEFAULT_ATTEMPTS,
  DEFAULT_PARALLEL,
  DEFAULT_RETENTION_MS,
  DEFAULT_TIMEOUT_MS,
  DEFAULT_WAIT_MS,
  MAX_ATTEMPTS,
  MAX_TIMEOUT_MS,
  MAX_WAIT_MS,
} from "../limits.ts";
import { MAX_PARALLEL } from "./parse-foreach.ts";
import { DEFAULT_RETRY, type NodeKey, type RunKey } from "./parse-policy.ts";

export type KeyWords = { readonly value: string; readonly summary: string; readonly default: string; readonly most?: string };

const { initialMs, maxMs } = DEFAULT_RETRY;

export const NODE_KEYS: { readonly [K in NodeKey]-?: KeyWords } = {
  retry: {
    value: "`{attempts, backoff, initial, max, jitter, on}`",
    summary:
      "Attempts in all; pauses that are `exponential`, `linear` or `constant`, from `initial` to `max`, with `jitter` or not. Only errors that may go away are tried again; with `on: [codes]` exactly those, where a trailing `.` means all below",
    default: `${DEFAULT_ATTEMPTS} attempts, exponential from ${durationText(initialMs)} to ${durationText(maxMs)}, with jitter; 1 attempt for what has the effect class \`once\``,
    most: `${MAX_ATTEMPTS} attempts`,
  },
  timeout: {
    value: "duration",
    summary: "Of one attempt of a node that calls out; what only computes is bounded by fuel",
    default: durationText(DEFAULT_TIMEOUT_MS),
    most: durationText(MAX_TIMEOUT_MS),
  },
  wait: {
    value: "duration",
    summary: "How long the node may stay paused; then it fails with `wait.expired`",
    default: durationText(DEFAULT_WAIT_MS),
    most: durationText(MAX_WAIT_MS),
  },
  join: {
    value: "`settled`, `all`, `any`, `{ quorum: n }`",
    summary: "When a node with several incoming edges runs, see Joins",
    default: "`settled`",
  },
  foreach: {
    value: "`{concurrency, on_item_failure, tolerate}`",
    summary:
      'Of the node that gives the list: items in flight; `continue` or `stop` after a failed item; failed items that do not fail the run, a count or `"p%"`',
    default: `concurrency ${DEFAULT_PARALLEL}, \`continue\`, tolerate 0`,
    most: `concurrency ${MAX_PARALLEL}`,
  },
  delay: { value: "duration", summary: "The node starts so long after it is ready", default: "0", most: durationText(MAX_WAIT_MS) },
  concurrency: {
    value: "`{key, limit}`",
    summary:
      "So many steps with the same key at a time, over all runs of the tenant; `key` may have templates. A paused step gives its slot back",
    default: "none",
  },
  on_unknown: {
    value: "`hold` or `fail`",
    summary:
      "Of what has the effect class `once`, when a crash leaves open whether it happened: wait for a person, or fail with `step.unknown_outcome`",
    default: "`hold`",
  },
};

export const RUN_KEYS: { readonly [K in RunKey]-?: KeyWords } = {
  timeout: {
    value: "duration",
    summary: "Of the whole run; what is open then is cancelled, and the run has failed with `run.timed_out`",
    default: "none",
    most: durationText(MAX_WAIT_MS),
  },
  retention: {
    value: "duration",
    summary: "How long a run is kept after its end; then its storage is freed",
    default: durationText(DEFAULT_RETENTION_MS),
    most: durationText(10 * MAX_WAIT_MS),
  },
  concurrency: { value: "`{key, limit}`", summary: "So many runs with the same key at a time", default: "none" },
  singleton: {
    value: "`{key, mode: skip}`",
    summary: "While a run with this key is going, a delivery is answered with that run and starts none",
    default: "none",
  },
  final_callback: {
    value: "an http(s) address",
    summary: "Gets the result when the run has ended, signed by Standard Webhooks, for a day until it is taken; a trigger may name another",
    default: "none",
  },
};
