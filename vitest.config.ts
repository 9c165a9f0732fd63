import { defineConfig } from "vitest/config";

// Vitest reports failures with Map.groupBy, which Node 20 lacks.
Map.groupBy ??= function groupBy<K, T>(items: Iterable<T>, keyOf: (item: T, index: number) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index++);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
};

/** The tests that need no workerd: the pure model, the ledger, the part host, the metering, the parts. */
export default defineConfig({
  test: { name: "node", include: ["test/**/*.test.ts"], exclude: ["test/workerd/**", "node_modules/**"], testTimeout: 60_000 },
});
