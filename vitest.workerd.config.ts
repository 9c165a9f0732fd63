/** The tests that need workerd: the run object, the consumers and the stores as they are in production. */
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import "./scripts/group-by.mjs";
import { WORKERD_OPTIONS } from "./test/support/workerd-options.ts";

/** Tests that start the three Workers themselves. */
const WHOLE_ENGINE = ["examples", "fairness", "other-worker", "uploaded-parts", "waiting-engine"].map(
  (name) => `test/workerd/${name}.test.ts`,
);

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
          exclude: WHOLE_ENGINE,
          globalSetup: ["test/support/workerd-modules.ts"],
          setupFiles: ["test/support/workerd-setup.ts"],
          testTimeout: 30_000,
        },
      },
      {
        test: { name: "workers", include: WHOLE_ENGINE, testTimeout: 30_000, hookTimeout: 60_000 },
      },
    ],
  },
});
