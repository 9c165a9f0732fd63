/** The objects that keep slots, by name. A name holds the tenant, so no tenant can reach another's (R10). */
import type { IngressEnv } from "../env.ts";
import { slotObjectName } from "../ids.ts";
import type { SlotApi, Slots } from "../slots/slot-api.ts";

export function createSlots(namespace: IngressEnv["SLOTS"]): Slots {
  return {
    // The stub has the methods of the class, which implements SlotApi.
    of: (tenant, kind, key) => namespace.get(namespace.idFromName(slotObjectName(tenant, kind, key))) as unknown as SlotApi,
  };
}
