/** What the runner's functions need, typed next to their consumers; wired in `index.ts`, faked in tests. */
import type { Ids } from "../../shared/ids.ts";
import type { Catalogue, Counters, Credentials, Hints, Payloads, RunIndex, Runs, UploadedParts } from "../../shared/ports.ts";
import type { RunTeller } from "../../shared/run-teller.ts";
import type { Slots } from "../../shared/slots/slot-api.ts";
import type { PartManifest } from "../../shared/part-manifest.ts";
import type { Offers } from "./offers.ts";
import type { QuietHosts } from "./quiet-hosts.ts";
import type { PartOutcome, PartRun } from "./part-host.ts";
import type { AuthRecipe, Recipe } from "../../shared/recipe.ts";

/** A part as a run pinned it. What runs it (a module of the bundle, the JavaScript engine, an isolate of its own) does not matter to the step. */
export type PinnedPart = {
  readonly manifest: PartManifest;
  run(run: PartRun): PartOutcome | Promise<PartOutcome>;
};

export type PartLibrary = {
  /** `digest` null: the run pinned none, the newest of this name is meant. Undefined: these bytes are nowhere. */
  find(tenant: string, name: string, digest: string | null): PinnedPart | undefined | Promise<PinnedPart | undefined>;
};

export type Recipes = { recipe(id: string): Recipe | undefined; auth(service: string): AuthRecipe | undefined };

/** One request over the network, as the local half or the platform performs it: no redirects followed, nothing retried. */
export type Transport = (request: {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | undefined;
  readonly signal: AbortSignal;
}) => Promise<Response>;

export type RunnerDeps = {
  readonly now: () => number;
  readonly publicUrl: string;
  readonly ids: Ids;
  readonly runs: Runs;
  readonly slots: Slots;
  readonly payloads: Payloads;
  readonly hints: Hints;
  readonly index: RunIndex;
  readonly teller: RunTeller;
  readonly offers: Offers;
  /** A run that goes on with one pure step goes on in the same invocation, for so long. Then it is the turn of what waits in the queue. */
  readonly goOnMs: number;
  readonly catalogue: Catalogue;
  /** For the runs that a step starts. */
  readonly uploadedParts: Pick<UploadedParts, "digests">;
  readonly credentials: Credentials;
  readonly counters: Counters;
  /** Writes what was counted; at most once in a while. */
  readonly flushCounters: () => Promise<void>;
  readonly parts: PartLibrary;
  readonly recipes: Recipes;
  readonly transport: Transport;
  readonly quietHosts: QuietHosts;
  readonly log: (event: string, fields: Readonly<Record<string, unknown>>) => void;
};
