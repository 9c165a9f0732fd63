/** A binding of Durable Objects that throws an object out of memory when it has answered. What is under way in it is let finish first. */
import unsafe from "workerd:unsafe";
import type { Faults } from "./fault-plan.ts";

/** An object that somebody still waits in stays where it is. */
const GOES_WITHIN_MS = 20;

type Method = (...args: readonly unknown[]) => unknown;

export async function evict(stub: DurableObjectStub<undefined>, faults: Faults): Promise<void> {
  const gone = unsafe.evict(stub, { webSockets: "hibernate" }).then(
    () => faults.count("evict"),
    () => undefined, // it was not there, or is busy
  );
  await Promise.race([gone, scheduler.wait(GOES_WITHIN_MS)]);
}

/** `share` of the calls end with it. */
export function createEvictingNamespace<N extends DurableObjectNamespace<Rpc.DurableObjectBranded>>(
  namespace: N,
  share: number,
  faults: Faults,
): N {
  return new Proxy(namespace, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      const method = (value as Method).bind(target); // whatever a namespace can do
      return name === "get"
        ? (...args: readonly unknown[]) => evicting(method(...args) as DurableObjectStub<undefined>, share, faults)
        : method;
    },
  });
}

function evicting(stub: DurableObjectStub<undefined>, share: number, faults: Faults): DurableObjectStub<undefined> {
  return new Proxy(stub, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return async (...args: readonly unknown[]) => {
        try {
          return await Reflect.apply(value, target, args); // not `apply`, which would be a method of the object
        } finally {
          if (faults.random.chance(share)) await evict(target, faults);
        }
      };
    },
  });
}
