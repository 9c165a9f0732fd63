/** `acr part test`: builds, and runs the cases. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "./cli-error.mjs";
import { build } from "./part-build.mjs";

export async function testPart(argument, options, world) {
  const { folder, engine, part } = await build(argument, options, world);
  const results = run(engine, folder, part);
  const failed = results.filter(({ problems }) => problems.length > 0);
  const text = [...results.map(linesOf), `${results.length - failed.length} of ${results.length} cases passed`].join("\n");
  if (failed.length > 0) throw new CliError("failed", "cases.failed", text, { name: part.manifest.name, cases: results });
  return { text, name: part.manifest.name, cases: results };
}

function run(engine, folder, part) {
  try {
    return engine.runCases(readFileSync(join(folder, "cases.yaml"), "utf8"), part);
  } catch (error) {
    throw new CliError(
      "failed",
      "cases.unreadable",
      error.code === "ENOENT" ? `${folder} has no cases.yaml: write examples of what the part answers` : error.message,
    );
  }
}

function linesOf({ name, fuel, problems }) {
  if (problems.length === 0) return `✓ ${name} (${fuel.toLocaleString("en-US")} instructions)`;
  return [`✗ ${name}`, ...problems.map((problem) => `    ${problem}`)].join("\n");
}
