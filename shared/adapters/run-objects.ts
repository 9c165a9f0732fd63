/**
 * The run objects by name. A name holds the tenant, so no tenant can reach another's (R10). An object that breaks, moves or is deployed anew in
 * the middle of a call is asked once more, where two calls do no more than one. Whoever gets no answer is told `storage_unavailable`.
 */
import pRetry from "p-retry";
import type { StoreEnv } from "../env.ts";
import { runObjectName } from "../ids.ts";
import { ArcrunError, revived } from "../model/errors.ts";
import type { Runs } from "../ports.ts";
import type { RunApi } from "../run-api.ts";

/** True: what a call has done already is known from the log when it comes again. */
const IS_REPEATABLE: Readonly<Record<keyof RunApi, boolean>> = {
  start: true,
  settle: true, // what was settled is refused the second time, and its hints are told again, by the alarm at the latest
  answer: true,
  repair: true,
  watch: true,
  view: true,
  drawing: true,
  wait: true,
  events: true,
  inlineValue: true,
  gathered: true,
  lookAtApproval: true,
  holds: true,
  claim: false, // the second one would find the lease of the first
  exchange: false,
  cancel: false,
  redrive: false,
  // Whoever calls these comes again by himself.
  slot: false,
  notify: false,
};
const METHODS = Object.keys(IS_REPEATABLE) as (keyof RunApi)[]; // the table names them all, and nothing else
const AGAIN = { retries: 2, minTimeout: 50, factor: 4, shouldRetry: ({ error }: { readonly error: Error }) => isWorthAnother(error) };

/** Every message of a run asks for the same one, and two hashes are a part of what a small step costs. */
const MAX_REMEMBERED = 1000;

type Method = (...args: readonly unknown[]) => Promise<unknown>;

export function createRuns(namespace: StoreEnv["RUNS"]): Runs {
  const ids = new Map<string, DurableObjectId>();
  const idOf = (tenant: string, runId: string): DurableObjectId => {
    const key = `${runId} ${tenant}`;
    const known = ids.get(key);
    if (known !== undefined) return known;
    if (ids.size >= MAX_REMEMBERED) ids.clear();
    const id = namespace.idFromName(runObjectName(tenant, runId));
    ids.set(key, id);
    return id;
  };
  return {
    of(tenant, runId) {
      const id = idOf(tenant, runId);
      // The stub has the methods of the class, which implements RunApi; after a break it stays broken, so each try has its own.
      const ask = (name: keyof RunApi, args: readonly unknown[]) =>
        (namespace.get(id) as unknown as Readonly<Record<keyof RunApi, Method>>)[name](...args);
      const methods = METHODS.map((name) => [name, (...args: readonly unknown[]) => answered(name, () => ask(name, args))] as const);
      return Object.fromEntries(methods) as unknown as RunApi; // one for each of its methods
    },
  };
}

async function answered(name: keyof RunApi, ask: () => Promise<unknown>): Promise<unknown> {
  try {
    return await ask().catch((thrown: unknown) => {
      if (!IS_REPEATABLE[name] || !isWorthAnother(thrown)) throw thrown;
      return pRetry(ask, AGAIN);
    });
  } catch (thrown) {
    if (!isOfPlatform(thrown)) throw revived(thrown);
    throw new ArcrunError("storage_unavailable", "the run does not answer; try again", { cause: thrown });
  }
}

/** What the object itself has thrown is marked as `remote`. */
const isOfPlatform = (thrown: unknown): boolean => thrown instanceof Error && (!("remote" in thrown) || "durableObjectReset" in thrown);

/** An object that has too much to do has more to do when it is asked again. */
const isWorthAnother = (thrown: unknown): boolean => isOfPlatform(thrown) && !(thrown instanceof Error && "overloaded" in thrown);
