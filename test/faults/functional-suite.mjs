/** Plays the black-box suite against an engine with faults: for the suite this folder is the project whose `npm start` it tests. */
import { spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readFaults } from "./read-faults.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const SUITE = fileURLToPath(new URL("../../../shared/acceptance/run.mjs", import.meta.url));

/** Resolves to `{ passed, failed, faults }`, `failed` being titles; undefined where there is no suite. `only`: files by number. */
export async function playSuite({ plan, only, keep }) {
  if (!existsSync(SUITE)) return undefined;
  const text = await outputOf([SUITE, "--keep", ...(only === undefined ? [] : ["--only", only])], { FAULTS: JSON.stringify(plan) });
  const [, home] = /^kept (.+)$/m.exec(text) ?? [];
  const [, passed, count] = [...text.matchAll(/^(\d+) passed, (\d+) failed/gm)].at(-1) ?? [];
  if (home === undefined || passed === undefined) throw new Error(`the suite did not come to its end:\n${text.slice(-4000)}`);
  const failed = text.match(/^ {2}\d\d-[a-z-]+: .*$/gm) ?? []; // the lists of failures, one for each engine that it started
  if (failed.length !== Number(count))
    throw new Error(`the suite names ${failed.length} failures and counts ${count}:\n${text.slice(-4000)}`);
  const faults = readFaults(join(home, "engine.log"));
  if (keep) console.log(`kept ${home}`);
  else rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  return { passed: Number(passed), failed: failed.map((title) => title.trim()), faults };
}

function outputOf(args, env) {
  const child = spawn(process.execPath, args, { cwd: HERE, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
  process.once("exit", () => child.kill("SIGTERM"));
  const chunks = [];
  child.stdout.on("data", (chunk) => {
    chunks.push(chunk);
    process.stdout.write(chunk);
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve(Buffer.concat(chunks).toString("utf8")));
  });
}
