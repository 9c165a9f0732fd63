/** What the simulated world knows of slots: one key of steps and one of runs, and the foreign runs that want the same. */
import type { LaneHint } from "../../shared/message.ts";
import type { SlotLedger } from "../../shared/slots/slot-ledger.ts";
import { createMemorySlots, type SlotStore } from "../../shared/slots/slot-store.ts";

export type SlotKind = "step" | "run";
export type Foreign = { readonly runId: string; lease: number; state: "coming" | "at work" | "over"; until: number; boot: number };
type Key = {
  readonly store: SlotStore;
  ledger: SlotLedger | undefined;
  boot: number;
  alarmAt: number;
  readonly foreign: Map<string, Foreign>;
};
export type SlotWorld = {
  readonly keys: Readonly<Record<SlotKind, Key>>;
  /** Steps that were granted a slot and are at work, with their leases. */
  readonly working: Map<string, number>;
  /** The slot of the run that was given back last. */
  gaveBack: number | undefined;
  /** The runner's. */
  send: (hints: readonly LaneHint[]) => void;
};

const createKey = (): Key => ({
  store: createMemorySlots(),
  ledger: undefined,
  boot: 0,
  alarmAt: Number.POSITIVE_INFINITY,
  foreign: new Map(),
});
export const createSlotWorld = (): SlotWorld => ({
  keys: { step: createKey(), run: createKey() },
  working: new Map(),
  gaveBack: undefined,
  send: () => undefined,
});
