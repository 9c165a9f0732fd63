/** The tests that need workerd: the run object, the consumers and the stores as they are in production. */
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import "./scripts/group-by.mjs";
import { WORKERD_OPTIONS } from "./test/support/workerd-options.ts";

export default defineConfig({
  test: {
    // What the Workers and wrangler say is shown for what fails.
    silent: "passed-only",
    projects: [
      {
        plugins: [cloudflareTest(WORKERD_OPTIONS)],
        test: {
          name: "workerd",
          include: ["test/workerd/**/*.test.ts"],
          exclude: ["test/workerd/other-worker.test.ts"],
          globalSetup: ["test/support/workerd-modules.ts"],
          setupFiles: ["test/support/workerd-setup.ts"],
          testTimeout: 30_000,
        },
      },
      {
        test: { name: "workers", include: ["test/workerd/other-worker.test.ts"], testTimeout: 30_000, hookTimeout: 60_000 },
      },
    ],
  },
});
