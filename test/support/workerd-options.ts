/**
 * The runner as the tests in workerd have it: all its bindings are real, but its queues are consumed by a second Worker, the tap, which
 * keeps what arrives. So a test sees every message that is sent, and nobody executes steps behind its back.
 */
import { readdirSync, readFileSync } from "node:fs";

const COMPATIBILITY_DATE = "2026-10-01";
const QUEUES = ["arcrun-steps", "arcrun-io", "arcrun-dead-letters"];

const TAP = `
const arrived = [];
export default {
  queue(batch) { for (const { body } of batch.messages) arrived.push({ queue: batch.queue, body }); },
  fetch() { return Response.json(arrived.splice(0)); },
};`;

/** One statement a line of the list, comments taken out. */
function readMigrations() {
  return readdirSync("migrations")
    .toSorted()
    .map((name) => {
      const sql = readFileSync(`migrations/${name}`, "utf8").replaceAll(/--.*$/gm, "");
      return { name, queries: sql.split(";").filter((query) => query.trim() !== "") };
    });
}

export const WORKERD_OPTIONS = {
  main: "./workers/runner/index.ts",
  miniflare: {
    compatibilityDate: COMPATIBILITY_DATE,
    modulesRules: [
      { type: "CompiledWasm" as const, include: ["**/*.wasm"] },
      { type: "Data" as const, include: ["**/*.bin"] },
    ],
    durableObjects: {
      RUNS: { className: "RunObject", useSQLite: true },
      SLOTS: { className: "SlotObject", useSQLite: true },
      SCHEDULES: { className: "ScheduleObject", useSQLite: true },
    },
    queueProducers: { STEPS: "arcrun-steps", IO: "arcrun-io", DEAD_LETTERS: "arcrun-dead-letters" },
    d1Databases: ["DB"],
    r2Buckets: ["PAYLOADS"],
    workerLoaders: { LOADER: {} },
    serviceBindings: { TAP: "tap" },
    bindings: { MASTER_KEY: "5a".repeat(32), PUBLIC_URL: "http://127.0.0.1:8787", BOOT_ID: "first", MIGRATIONS: readMigrations() },
    workers: [
      {
        name: "tap",
        modules: true,
        script: TAP,
        compatibilityDate: COMPATIBILITY_DATE,
        queueConsumers: Object.fromEntries(QUEUES.map((queue) => [queue, { maxBatchSize: 100, maxBatchTimeout: 0 }])),
      },
    ],
  },
};
