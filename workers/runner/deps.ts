/** What the runner's functions need, typed next to their consumers; wired in `index.ts`, faked in tests. */
import type { Ids } from "../../shared/ids.ts";
import type { Catalogue, Counters, Credentials, Hints, Payloads, RunIndex, Runs } from "../../shared/ports.ts";
import type { PartManifest } from "../../shared/part-manifest.ts";
import type { AuthRecipe, Recipe } from "../../shared/recipe.ts";

export type PartLibrary = {
  /** By name; undefined: no such part in this deploy. */
  manifest(name: string): PartManifest | undefined;
  /** By digest: the bytes that the run pinned. */
  module(digest: string): WebAssembly.Module | undefined;
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
  readonly payloads: Payloads;
  readonly hints: Hints;
  readonly index: RunIndex;
  readonly catalogue: Catalogue;
  readonly credentials: Credentials;
  readonly counters: Counters;
  /** Writes what was counted; at most once in a while. */
  readonly flushCounters: () => Promise<void>;
  readonly parts: PartLibrary;
  readonly recipes: Recipes;
  readonly transport: Transport;
  readonly log: (event: string, fields: Readonly<Record<string, unknown>>) => void;
};
