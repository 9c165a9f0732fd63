/** Runs before each test file: its D1 is a fresh one. */
import { applyD1Migrations } from "cloudflare:test";
import { testEnv } from "./workerd-env.ts";

await applyD1Migrations(testEnv.DB, testEnv.MIGRATIONS);
