/** The bindings and variables of the three Workers, as their wrangler files name them. Read in `index.ts` only. */
import type { ScheduleApi } from "./ports.ts";
import type { RunApi } from "./run-api.ts";
import type { SlotApi } from "./slots/slot-api.ts";

export type StoreEnv = {
  readonly DB: D1Database;
  readonly PAYLOADS: R2Bucket;
  readonly RUNS: DurableObjectNamespace<Rpc.DurableObjectBranded & RunApi>;
  readonly STEPS: Queue;
  readonly IO: Queue;
  /** Secret: MACs, tokens and the encryption of credentials hang on it. 64 hex characters. */
  readonly MASTER_KEY: string;
  /** Callback URLs are built from it, never from a Host header. */
  readonly PUBLIC_URL: string;
};

type SlotEnv = { readonly SLOTS: DurableObjectNamespace<Rpc.DurableObjectBranded & SlotApi> };

type AskedEnv = {
  /** Wrong keys, tokens and signatures that one address may try in a minute. */
  readonly FAILURE_RATE?: string;
};

export type IngressEnv = StoreEnv &
  AskedEnv &
  SlotEnv & {
    /** Runs that a tenant may start in ten seconds. */
    readonly START_RATE?: string;
    /** "1" only under `npm start`: this isolate takes all pushes and triggers there are. */
    readonly DETACH_IO?: string;
    readonly SCHEDULES: DurableObjectNamespace<Rpc.DurableObjectBranded & ScheduleApi>;
    readonly CALLBACK: Fetcher;
    readonly DEAD_LETTERS: Queue;
    readonly TRIGGERS: Queue;
  };
export type CallbackEnv = StoreEnv & AskedEnv;
export type RunnerEnv = StoreEnv &
  SlotEnv & {
    readonly DEAD_LETTERS: Queue;
    /** Runs parts that are not in the bundle. Absent where the account's plan has no Worker Loader. */
    readonly LOADER?: WorkerLoader;
    /** Set by the supervisor at each start: a lease of another boot is void. Constant in production. */
    readonly BOOT_ID: string;
    /** "1" only under `npm start`: io steps go on after their message is acked. */
    readonly DETACH_IO?: string;
    /** The supervisor's half of egress, which resolves, checks and connects; absent in production. */
    readonly EGRESS_URL?: string;
    readonly EGRESS_TOKEN?: string;
  };
