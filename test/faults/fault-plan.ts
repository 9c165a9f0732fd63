/** Which faults are done to the Workers, how often, and the count of those that were. All shares are between 0 and 1. */
import { createPrng, type Prng } from "../simulation/prng.ts";

export type QueueFaults = {
  /** Of messages: lost, sent two to five times, sent up to so many seconds late, held back until something else is sent. */
  readonly drop: number;
  readonly double: number;
  readonly delay: number;
  readonly delaySeconds: number;
  readonly hold: number;
  /** Of sends: refused, refused though they were taken, never answered. */
  readonly refuse: number;
  readonly deceive: number;
  readonly hang: number;
  /** For so long from the first send on every message is lost; what follows is lost by `drop`. */
  readonly deafMs?: number;
};

/** Methods of a run object after which it may break. */
export const BREAKABLE = ["start", "claim", "settle", "exchange", "slot", "answer", "watch", "notify"] as const;

export type ObjectFaults = {
  /** Of calls: the object is thrown out when it has answered. After a message of the lanes its run always is. */
  readonly evict: number;
  /** Of calls of these methods: the object breaks when its work is done, and the caller never hears of it. */
  readonly abort: number;
  readonly aborted: readonly (typeof BREAKABLE)[number][];
};

export type FaultPlan = { readonly seed: number; readonly worker: string; readonly queue?: QueueFaults; readonly objects?: ObjectFaults };

export type Faults = {
  readonly plan: FaultPlan;
  readonly random: Prng;
  /** True, and counted, with this probability. */
  strikes(kind: string, share: number): boolean;
  count(kind: string): void;
};

const TELL_EVERY_MS = 250;

/** What happened is told in lines of the engine's log, each with the counts since the isolate began (`read-faults.mjs`). */
export function createFaults(text: string): Faults {
  const plan = JSON.parse(text) as FaultPlan; // as `build-faulty-workers.mjs` wrote it
  const random = createPrng(plan.seed ^ plan.worker.length); // another for each of the three;
  const isolate = crypto.randomUUID();
  const counts: Record<string, number> = {};
  let toldAt = 0;
  const count = (kind: string): void => {
    counts[kind] = (counts[kind] ?? 0) + 1;
    if (Date.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = Date.now();
    console.log(JSON.stringify({ event: "faults", isolate, counts }));
  };
  return {
    plan,
    random,
    count,
    strikes(kind, share) {
      const isStruck = random.chance(share);
      if (isStruck) count(kind);
      return isStruck;
    },
  };
}
