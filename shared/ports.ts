/** The small ports between the Workers and what they are bound to. Adapters are in `adapters/`, each in front of one binding. */
import type { DeadLetter, LaneHint } from "./message.ts";
import type { ErrorInfo } from "./model/errors.ts";
import type { Value } from "./model/log.ts";
import type { Plan } from "./model/plan.ts";
import type { RunStatus } from "./model/run.ts";
import type { Schedule } from "./model/definition/workflow.ts";
import type { PartManifest } from "./part-manifest.ts";
import type { RunApi } from "./run-api.ts";
import type { RunSummary } from "./run-view.ts";

/** Values over 32 KB are R2 objects `tenant/run/sha256` (R7). */
export type Payloads = {
  /** Stores JSON text if it is large; gives the value that stands for it. */
  put(tenant: string, runId: string, json: string): Promise<Value>;
  /** The JSON text. Throws `value.missing` if it is gone or its hash is wrong. */
  get(tenant: string, runId: string, value: Value): Promise<string>;
};

/** A version of a part: what it is, and the SHA-256 of its metered module. */
export type StoredPart = {
  readonly manifest: PartManifest;
  readonly module: string;
  /** Of a part in JavaScript: then the module is the engine, and this the memory that it is given. */
  readonly image?: string;
  /** Of one that was uploaded as source: that, instead of an image. */
  readonly source?: string;
};

/** All metered parts by digest, the built-in ones too: what a run has pinned is found here when no bundle has it any more. */
export type PartStore = {
  find(digest: string): Promise<StoredPart | undefined>;
  /** Throws `part.not_found` if the bytes are gone or are not what their name says. */
  module(sha256: string): Promise<ArrayBuffer>;
  /** The same for an image. */
  image(sha256: string): Promise<ArrayBuffer>;
  source(sha256: string): Promise<ArrayBuffer>;
  /** `bytes` are the source, if the part has one, else the module. */
  put(digest: string, part: StoredPart, bytes: Uint8Array): Promise<void>;
};

export type UploadedPart = { readonly manifest: PartManifest; readonly createdAt: number };

/** The parts that tenants have uploaded: names that point at versions. A name has many versions, the one that was pushed last is the newest. */
export type UploadedParts = {
  /** True if the version is new for this name; a known one becomes the newest again. */
  push(tenant: string, part: UploadedPart): Promise<boolean>;
  /** The newest versions of these names; who is unknown is absent. */
  newest(tenant: string, names: readonly string[]): Promise<readonly UploadedPart[]>;
  /** By name, the digest of the newest version that keeps the contract (`part-info.ts`); who has none is absent. */
  digests(
    tenant: string,
    wanted: readonly { readonly name: string; readonly contract: string }[],
  ): Promise<Readonly<Record<string, string>>>;
  names(tenant: string): Promise<readonly string[]>;
  list(tenant: string): Promise<readonly UploadedPart[]>;
  /** Forgets the name and its versions. Their bytes stay in the store. */
  remove(tenant: string, name: string): Promise<boolean>;
};

export type Hints = {
  /** As few `sendBatch` calls as the limits allow, retried; never throws: what is not sent is sent by the run's alarm (R2). */
  send(hints: readonly LaneHint[]): Promise<void>;
  sendDeadLetters(letters: readonly DeadLetter[]): Promise<void>;
};

export type Runs = { of(tenant: string, runId: string): RunApi };

export type WorkflowVersion = {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly plan: Plan;
  /** The text as it was pushed. */
  readonly source: string;
  readonly format: "yaml" | "json";
  readonly createdAt: number;
};

export type WorkflowHead = Pick<WorkflowVersion, "name" | "version" | "description" | "createdAt"> & { readonly trigger: Plan["trigger"] };

/** The catalogue in D1. Versions are immutable; the pointer from the name to the newest is never cached. */
export type Catalogue = {
  /** True if the version is new for this name; a known one becomes the newest again. Its schedules take the place of the ones before. */
  push(tenant: string, version: WorkflowVersion, schedules?: readonly StoredSchedule[]): Promise<boolean>;
  newest(tenant: string, name: string): Promise<WorkflowVersion | undefined>;
  version(tenant: string, name: string, version: string): Promise<WorkflowVersion | undefined>;
  list(tenant: string): Promise<readonly WorkflowHead[]>;
  versions(tenant: string, name: string): Promise<readonly { readonly version: string; readonly createdAt: number }[]>;
  remove(tenant: string, name: string): Promise<boolean>;
};

/** `key` is made of what makes it the same schedule in the next version. */
export type StoredSchedule = Schedule & { readonly key: string };

/** What its object tells of a schedule. `lastAt` is the moment that was due. */
export type ScheduleHistory = {
  readonly nextAt: number | null;
  readonly lastAt: number | null;
  readonly lastRunId: string | null;
  /** Not started, because the run before was still going. */
  readonly skipped: number;
  /** Not started, because nobody was there in time. */
  readonly missed: number;
  /** Why the last firing could not start a run. */
  readonly lastError: ErrorInfo | null;
};
export type ScheduleRow = StoredSchedule & ScheduleHistory & { readonly workflow: string };

/** The schedules of the newest versions in D1; the catalogue writes them. */
export type Schedules = {
  of(tenant: string, workflow: string): Promise<readonly StoredSchedule[]>;
  /** Histories by key; of a schedule that is not there any more it is dropped. */
  tell(tenant: string, workflow: string, histories: ReadonlyMap<string, ScheduleHistory>): Promise<void>;
  /** By workflow, in the order of its file. */
  list(
    tenant: string,
    query: { readonly workflow?: string; readonly limit: number; readonly cursor?: string },
  ): Promise<{ readonly schedules: readonly ScheduleRow[]; readonly nextCursor: string | null }>;
};

/** The object that keeps the schedules of one workflow. Both methods may be called again at any time. */
export type ScheduleApi = {
  /** Somebody is about to change them in D1: the object will look by itself, should nobody call `sync`. */
  expect(tenant: string, workflow: string): Promise<void>;
  /** Looks into D1 and plans, or forgets. Resolves when the next firing is an alarm on disk. */
  sync(tenant: string, workflow: string): Promise<void>;
};
export type ScheduleKeepers = { of(tenant: string, workflow: string): ScheduleApi };

export const SCOPES = ["admin", "deploy", "trigger", "read"] as const;
export type Scope = (typeof SCOPES)[number];

export type Key = {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: number;
  /** The key that `npm start` or the deploy seeded; only its tenant may make keys for others. */
  readonly seeded: boolean;
};

export type Keys = {
  /** By the SHA-256 of the whole key, hex. Revoked ones are not found. */
  find(hash: string): Promise<Key | undefined>;
  /** False only if there was no key of this hash some seconds ago. Asks the database once in those seconds, not for each hash. */
  mayExist(hash: string): Promise<boolean>;
  add(key: Key, hash: string): Promise<void>;
  list(tenant: string): Promise<readonly Key[]>;
  revoke(tenant: string, id: string): Promise<boolean>;
};

export type RunQuery = {
  readonly workflow?: string;
  readonly status?: RunStatus;
  readonly sinceMs?: number;
  readonly cursor?: string;
  readonly limit: number;
};

/** The index in D1: rebuildable from the run objects, written in batches. */
export type RunIndex = {
  /** One statement batch; an older summary never overwrites a newer one. */
  upsert(summaries: readonly RunSummary[]): Promise<void>;
  /** The run, and its letters on the desk. */
  remove(tenant: string, runId: string): Promise<void>;
  list(tenant: string, query: RunQuery): Promise<{ readonly runs: readonly RunSummary[]; readonly nextCursor: string | null }>;
  addDeadLetters(letters: readonly DeadLetter[]): Promise<void>;
  /** Takes letters of these steps that are not newer than `at` (milliseconds) from the desk. */
  takeDeadLetters(tenant: string, runId: string, steps: readonly string[], at: number): Promise<void>;
  deadLetters(
    tenant: string,
    query: { readonly workflow?: string; readonly limit: number; readonly cursor?: string },
  ): Promise<{ readonly letters: readonly DeadLetter[]; readonly nextCursor: string | null }>;
  deadLetter(tenant: string, id: string): Promise<DeadLetter | undefined>;
};

/** Secrets, encrypted under the master key; the value leaves only through `reveal`, which egress and signature checks call. */
export type Credentials = {
  put(tenant: string, name: string, value: string, hosts: readonly string[]): Promise<"created" | "replaced">;
  list(tenant: string): Promise<readonly { readonly name: string; readonly hosts: readonly string[]; readonly createdAt: number }[]>;
  remove(tenant: string, name: string): Promise<boolean>;
  reveal(tenant: string, name: string): Promise<{ readonly value: string; readonly hosts: readonly string[] } | undefined>;
};

/** Counted in memory, written with the index: see `metrics.ts`. */
export type Counters = {
  step(part: string, outcome: "succeeded" | "failed" | "retried" | "paused", durationMs: number): void;
  deadLetter(): void;
  refused(count: number): void;
  /** Calls of run objects by the runner: claims and settles. */
  objectCall(): void;
  /** Hints handed to the lanes. */
  hinted(count: number): void;
};
