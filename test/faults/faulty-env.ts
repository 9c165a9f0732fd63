/** The environment of a Worker with faults in its bindings, by the plan in its variable `FAULTS`. */
import type { StoreEnv } from "../../shared/env.ts";
import { createEvictingNamespace } from "./evicting-namespace.ts";
import { createFaults, type Faults } from "./fault-plan.ts";
import { createFaultyQueue } from "./faulty-queue.ts";

const QUEUES = ["STEPS", "IO", "DEAD_LETTERS"];
const NAMESPACES = ["RUNS", "SLOTS", "SCHEDULES"];

type Bound = StoreEnv & { readonly FAULTS: string };

const made = new WeakMap<object, unknown>();
let faults: Faults | undefined;

/** One for the whole isolate: its objects draw from the same chances as its handlers. */
export const faultsOf = (env: object): Faults => (faults ??= createFaults((env as Bound).FAULTS)); // every Worker here has it

/** The same for the same environment, always: adapters are made once for each. */
export function faultyEnv<E extends object>(env: E): E {
  const known = made.get(env);
  if (known !== undefined) return known as E; // what was made for it
  const { plan } = faultsOf(env);
  const bound: Record<string, unknown> = Object.fromEntries(Object.entries(env));
  for (const name of QUEUES) {
    if (plan.queue && bound[name]) bound[name] = createFaultyQueue(bound[name] as Queue, plan.queue, faultsOf(env)); // by its name
  }
  for (const name of NAMESPACES) {
    if (plan.objects && bound[name])
      bound[name] = createEvictingNamespace(
        bound[name] as DurableObjectNamespace<Rpc.DurableObjectBranded>,
        plan.objects.evict,
        faultsOf(env),
      ); // by its name
  }
  made.set(env, bound);
  return bound as E; // the same bindings
}
