/** Every limit of the engine, with its unit. Reaching one is a clear error, never a silent cut. */
export const KIB = 1024;
export const MIB = 1024 * KIB;
export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export const MAX_BODY_BYTES = 10 * MIB;
export const MAX_OUTPUT_BYTES = 10 * MIB;
/** Larger values leave the log and become R2 objects. */
export const MAX_INLINE_BYTES = 32 * KIB;
/** What one call of another isolate carries: the platform takes 32 MiB, its own envelope included. */
export const MAX_RPC_BYTES = 30 * MIB;
/** Of an uploaded part: as compiled, and its manifest. Reading, metering and storing hold a few copies of it at once. */
export const MAX_PART_MODULE_BYTES = 8 * MIB;
/** Of a part that is uploaded as JavaScript: read anew by each run. */
export const MAX_PART_SOURCE_BYTES = 1 * MIB;
export const MAX_PART_MANIFEST_BYTES = 256 * KIB;
export const MAX_PART_NAME_CHARS = 64;
export const MAX_WORKFLOW_NAME_CHARS = 64;
export const MAX_JSON_DEPTH = 64;
export const MAX_DEFINITION_BYTES = 1024 * KIB;
/** A plan is one row of the log, and a row of a Durable Object holds 2 MB. */
export const MAX_PLAN_BYTES = 1_500_000;
export const MAX_NODES = 1000;
export const MAX_EDGES = 10_000;
/** A node may stand in several loops, and runs in each of them. */
export const MAX_VERTICES = 2 * MAX_NODES;
export const MAX_LOOP_DEPTH = 8;
/** Items of one FOREACH. */
export const MAX_ITEMS = 10_000;
/** Items in flight when nobody says how many. */
export const DEFAULT_PARALLEL = 10;
/** A list lies in rows of so many bytes; a longer item makes a row of its own. */
export const MAX_LIST_ROW_BYTES = 256 * KIB;
/** What a GATHER gives the node after it. */
export const MAX_GATHERED_BYTES = 10 * MIB;
/** Answers of items that are read in one go. */
export const GATHERED_PAGE_ITEMS = 500;
export const MAX_STEPS_PER_RUN = 50_000;
export const MAX_ATTEMPTS = 100;
export const DEFAULT_ATTEMPTS = 3;
export const DEFAULT_TIMEOUT_MS = 60 * SECOND_MS;
export const MAX_TIMEOUT_MS = 15 * MINUTE_MS;
export const DEFAULT_WAIT_MS = 7 * DAY_MS;
export const MAX_WAIT_MS = 365 * DAY_MS;
export const DEFAULT_RETENTION_MS = 30 * DAY_MS;
export const MAX_CHILD_DEPTH = 16;
export const MAX_HTTP_WAIT_SECONDS = 25;
export const MAX_HINTS_PER_RUN = 256;
/** `limit` of a concurrency, and who may wait for slots of one key in order; the others ask again by themselves. */
export const MAX_SLOTS = 10_000;
export const MAX_SLOT_WAITERS = 10_000;
/** What the key of a concurrency or singleton may give. */
export const MAX_KEY_CHARS = 1024;
/** Calls of a part in one go; a part whose calls are logged yields then and goes on. */
export const MAX_CALLS_PER_GO = 20;
export const MAX_CALLS_PER_ATTEMPT = 1000;
/** Instructions of one invocation, all its steps and their repetitions together; what is left of the batch is handed back. */
export const MAX_FUEL_PER_INVOCATION = 5_000_000_000;
/** Of a vertex; the indices of its items make a step key of it, and a hint with that has less than 2 KB in every script. */
export const MAX_VERTEX_KEY_CHARS = 400;
/** A step key or token longer than this is not one of ours. */
export const MAX_STEP_KEY_CHARS = 512;
/** Values longer than this are shown by reference in a trace. */
export const MAX_TRACE_VALUE_BYTES = 4 * KIB;
export const TRACE_PAGE_STEPS = 200;
/** A message of a queue, and a call of `sendBatch`. */
export const MAX_BATCH_MESSAGES = 100;
export const MAX_BATCH_BYTES = 256_000;
