/**
 * `npm test [-- vitest arguments]`: builds what the tests import, then runs vitest in Node and, where it is configured, in workerd.
 * The last line is `N passed, N failed, N skipped`. The exit code is 0 only when something ran and nothing failed.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildGenerated } from "./build.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const CONFIGS = ["vitest.config.ts", "vitest.workerd.config.ts"];

async function main(args) {
  await buildGenerated();
  const scratch = mkdtempSync(join(tmpdir(), "arcrun-test-"));
  const total = { passed: 0, failed: 0, skipped: 0 };
  try {
    for (const config of CONFIGS.filter((file) => existsSync(join(ROOT, file)))) {
      const report = join(scratch, `${config}.json`);
      const code = await runVitest(config, report, args);
      const counts = readCounts(report);
      if (code !== 0 && counts.failed === 0) counts.failed = 1; // an unhandled error, or a file that could not be read
      for (const kind of Object.keys(total)) total[kind] += counts[kind];
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

/** A filter may match files of one project only, so a project without tests is no failure; nothing at all is one. */
function runVitest(config, report, args) {
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const preload = ["--import", new URL("group-by.mjs", import.meta.url).href];
  const child = spawn(process.execPath, [...preload, vitest, "run", "--config", config, "--passWithNoTests", ...reporters, ...args], {
    cwd: ROOT,
    stdio: "inherit",
  });
  return new Promise((resolve) => child.once("close", (code) => resolve(code ?? 1)));
}

function readCounts(report) {
  if (!existsSync(report)) return { passed: 0, failed: 0, skipped: 0 };
  const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, "utf8"));
  return { passed: numPassedTests, failed: numFailedTests || numFailedTestSuites, skipped: numPendingTests + numTodoTests };
}

process.exitCode = await main(process.argv.slice(2));
