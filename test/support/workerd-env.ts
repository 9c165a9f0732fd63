/// <reference types="@cloudflare/vitest-plugin/types" />
/** The bindings of the runner under test, and of its tap. */
import { type D1Migration, env } from "cloudflare:test";
import type { IngressEnv, RunnerEnv } from "../../shared/env.ts";

export type TestEnv = RunnerEnv & {
  readonly SCHEDULES: IngressEnv["SCHEDULES"];
  readonly TAP: Fetcher;
  readonly MIGRATIONS: D1Migration[];
};

// The types of `cloudflare:test` know the bindings of a generated declaration only; these are made in `workerd-options.ts`.
export const testEnv = env as unknown as TestEnv;
