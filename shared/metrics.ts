/**
 * What is counted, and how it is told. Counts gather in memory (`createCounters`) and are written with the index, as
 * differences; Prometheus is told the totals. Counts of an invocation that dies are lost: they are for boards, not for books.
 */
import type { Counters } from "./ports.ts";

export type CounterRow = { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number };

const STEPS = "arcrun_steps_total";
const DEAD_LETTERS = "arcrun_dead_letters_total";
const REFUSED = "arcrun_outcomes_refused_total";
const OBJECT_CALLS = "arcrun_run_object_calls_total";
const HINTS = "arcrun_hints_total";
const DURATION = "arcrun_step_duration_seconds";

/** Upper bounds of the histogram, seconds. */
const BUCKETS = [0.005, 0.025, 0.1, 0.5, 1, 5, 30, 120, Number.POSITIVE_INFINITY] as const;
const BUCKET = `${DURATION}_bucket`;
const BUCKET_ROWS = BUCKETS.map((bound) => {
  const le = Number.isFinite(bound) ? String(bound) : "+Inf";
  return { bound, labels: { le }, key: `${BUCKET} ${le}` };
});

const HELP: Readonly<Record<string, readonly [type: string, help: string]>> = {
  [STEPS]: ["counter", "Attempts of steps that ended, by part and outcome (retried: will be tried again)."],
  [DEAD_LETTERS]: ["counter", "Failures that were laid on the dead-letter desk."],
  [REFUSED]: ["counter", "Outcomes that came too late: of a void lease or an old generation."],
  [OBJECT_CALLS]: ["counter", "Calls of run objects by the runner: claims and settles."],
  [HINTS]: ["counter", "Hints that the runner sent to the lanes."],
  [DURATION]: ["histogram", "Time of one attempt of a step."],
  arcrun_queue_backlog: ["gauge", "Messages in the queue."],
  arcrun_queue_oldest_seconds: ["gauge", "Age of the oldest message in the queue."],
};

/** Counters in memory; `drain` gives what was counted since the last time and begins anew. */
export function createCounters(): Counters & { drain(): readonly CounterRow[] } {
  type Row = { readonly name: string; readonly labels: Readonly<Record<string, string>>; value: number };
  let rows = new Map<string, Row>();
  /** On the path of every step: the key is made of the label values alone, each counter always has the same labels. */
  const add = (
    name: string,
    labels: Readonly<Record<string, string>>,
    value: number,
    key = `${name} ${Object.values(labels).join(" ")}`,
  ) => {
    const row = rows.get(key);
    if (row === undefined) rows.set(key, { name, labels, value });
    else row.value += value;
  };
  return {
    step(part, outcome, durationMs) {
      const seconds = durationMs / 1000;
      add(STEPS, { part, outcome }, 1);
      for (const { bound, labels, key } of BUCKET_ROWS) if (seconds <= bound) add(BUCKET, labels, 1, key);
      add(`${DURATION}_sum`, {}, seconds);
      add(`${DURATION}_count`, {}, 1);
    },
    deadLetter: () => add(DEAD_LETTERS, {}, 1),
    refused(count) {
      if (count > 0) add(REFUSED, {}, count);
    },
    objectCall: () => add(OBJECT_CALLS, {}, 1),
    hinted(count) {
      if (count > 0) add(HINTS, {}, count);
    },
    drain() {
      const drained = [...rows.values()];
      rows = new Map();
      return drained;
    },
  };
}

/** One queue as it is now; absent where the runtime does not tell. */
export type QueueGauge = { readonly queue: string; readonly backlog: number; readonly oldestSeconds: number };

/** The text format of Prometheus, version 0.0.4. */
export function prometheusText(totals: readonly CounterRow[], gauges: readonly QueueGauge[]): string {
  const samples: CounterRow[] = [
    ...totals,
    ...gauges.map(({ queue, backlog }) => ({ name: "arcrun_queue_backlog", labels: { queue }, value: backlog })),
    ...gauges.map(({ queue, oldestSeconds }) => ({ name: "arcrun_queue_oldest_seconds", labels: { queue }, value: oldestSeconds })),
  ];
  const families = Object.entries(HELP).map(([family, [type, help]]) => {
    const own = samples.filter(({ name }) => name === family || (type === "histogram" && name.startsWith(`${family}_`)));
    return [`# HELP ${family} ${help}`, `# TYPE ${family} ${type}`, ...own.map(sampleLine)].join("\n");
  });
  return `${families.join("\n")}\n`;
}

function sampleLine({ name, labels, value }: CounterRow): string {
  const pairs = Object.entries(labels).map(
    ([label, text]) => `${label}="${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`,
  );
  return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`;
}
