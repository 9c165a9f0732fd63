/** Behind what a step waits, in words. */
import type { SlotReply } from "./slot-api.ts";

const MAX_SHOWN_KEY_CHARS = 100;

type Waiting = Extract<SlotReply, { readonly kind: "waiting" }>;

export function slotNote(key: string, limit: number, { holders, held, ahead }: Waiting): string {
  const shownKey = key.length > MAX_SHOWN_KEY_CHARS ? `${key.slice(0, MAX_SHOWN_KEY_CHARS)}…` : key;
  const taken = `waits for a slot of ${JSON.stringify(shownKey)}: ${held} of ${limit} taken`;
  // The step that holds the slot of a run is no node of the flow.
  const by = holders.map(({ node, workflow, runId }) => `${node.startsWith("$") ? "" : `${node} of `}${workflow} (${runId})`);
  const others = held - holders.length;
  const behind = by.length === 0 ? "" : `, by ${by.join(", ")}${others > 0 ? ` and ${others} more` : ""}`;
  return `${taken}${behind}; ${ahead} before it in the queue`;
}
