/** What the statuses of runs and steps mean, and what a step may wait for: the documentation is made from it. */
import type { WaitReason } from "./log.ts";
import type { RunStatus, StepStatus } from "./run.ts";

export const RUN_STATUS_WORDS: { readonly [S in RunStatus]: string } = {
  running: "Something is ready or being executed",
  waiting: "Nothing can go on by itself right now: everything that is left waits",
  succeeded: "Nothing is left to do, and every failure was handled by an `ON_FAIL` edge",
  failed: "A failure was handled by nobody, or the run took too long",
  cancelled: "Somebody stopped it",
};

export const STEP_STATUS_WORDS: { readonly [S in StepStatus]: string } = {
  ready: "May be executed, now or after its delay",
  running: "Somebody holds the lease on it",
  waiting: "It is paused, until something or somebody outside answers, or its time has come",
  retrying: "An attempt failed; the next one has its time",
  succeeded: "It has an answer",
  failed: "It failed for good",
  skipped: "It can no longer run: the edges that lead there are dead",
  cancelled: "The run ended before it did",
  unknown: "A crash left open whether its effect happened; a person decides",
};

export const WAIT_REASON_WORDS: { readonly [R in WaitReason]: string } = {
  callback: "An answer at its `callback_url`",
  approval: "A person's answer on its page",
  timer: "A moment (`wait`)",
  child_runs: "The end of other runs",
  poll: "The next question to a service",
  concurrency: "A slot: as many as `concurrency` allows are at work",
  retry_backoff: "The next attempt",
  delay: "The end of its `delay`",
  unknown_outcome: "A person who knows whether it happened",
};
