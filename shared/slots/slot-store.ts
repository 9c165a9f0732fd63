/** Where the slots of one key are kept: in memory here, in the object's SQLite in the runner. */
import type { SlotUser } from "./slot-api.ts";

/** One step with a slot, or in the queue for one. */
export type SlotEntry = SlotUser & {
  readonly id: string;
  readonly limit: number;
  /** Who came first has the lower one. */
  readonly place: number;
  readonly since: number;
  /** Null: it waits. */
  readonly grant: Grant | null;
};

/** `lease` null: it is handed to the step, which has not taken it yet; then it is not of any boot. `until` null: no end by itself. */
export type Grant = { readonly lease: number | null; readonly boot: string | null; readonly until: number | null };

export type SlotStore = {
  all(): readonly SlotEntry[];
  /** All or nothing; null: the entry is deleted. */
  write(changes: ReadonlyMap<string, SlotEntry | null>): void;
};

export function createMemorySlots(): SlotStore {
  const texts = new Map<string, string>();
  return {
    all: () => [...texts.values()].map((text): SlotEntry => JSON.parse(text)),
    write(changes) {
      for (const [id, entry] of changes) {
        if (entry === null) texts.delete(id);
        else texts.set(id, JSON.stringify(entry));
      }
    },
  };
}
