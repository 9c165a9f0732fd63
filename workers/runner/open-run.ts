/** The ledger of a run in its object: what it is given of the platform, and how patient it is. */
import type { RunnerEnv } from "../../shared/env.ts";
import { sha256Hex } from "../../shared/ids.ts";
import { type Ledger, openLedger } from "../../shared/ledger/ledger.ts";
import { ArcrunError } from "../../shared/model/errors.ts";
import { SECOND_MS } from "../../shared/model/limits.ts";
import { schemaProblems } from "../../shared/schema-problems.ts";
import { createSqliteLog } from "./sqlite-log.ts";

/** On one machine the broker's memory goes when the process is killed: then this is how long a step waits that had been hinted just before. */
const LOCAL_RESEND_MS = 3 * SECOND_MS;
const RESEND_MS = 60 * SECOND_MS;
/** On one machine the whole process may be killed: then all its leases are void at once, and somebody has to notice. */
const LOCAL_LEASE_CHECK_MS = 2 * SECOND_MS;

export function openRun(storage: DurableObjectStorage, env: RunnerEnv): Ledger {
  const isLocal = env.DETACH_IO === "1";
  return openLedger({
    store: createSqliteLog(storage),
    now: () => Date.now(),
    random: () => Math.random(),
    boot: env.BOOT_ID,
    resendMs: isLocal ? LOCAL_RESEND_MS : RESEND_MS,
    leaseCheckMs: isLocal ? LOCAL_LEASE_CHECK_MS : Number.POSITIVE_INFINITY,
    sha256Hex,
    validate: schemaProblems,
  });
}

/** Undefined: a newer engine wrote the log. An object that could not be made would lose its alarm after some tries. */
export function openUnlessNewer(storage: DurableObjectStorage, env: RunnerEnv): Ledger | undefined {
  try {
    return openRun(storage, env);
  } catch (thrown) {
    if (isNewer(thrown)) return undefined;
    throw thrown;
  }
}

export const isNewer = (thrown: unknown): boolean => thrown instanceof ArcrunError && thrown.code === "run.newer_engine";
