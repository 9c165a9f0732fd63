import { defineConfig } from "vitest/config";

/** The tests that need no workerd: the pure model, the part host, the metering, the parts. */
export default defineConfig({
  test: { name: "node", include: ["test/**/*.test.ts"], exclude: ["test/workerd/**", "node_modules/**"], testTimeout: 60_000 },
});
