/** Compiles a part as the built-in ones are compiled: beside `parts/sdk`, with the same options. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { CliError } from "./cli-error.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const NAME = "part";

export async function compileAssemblyScript(folder, target) {
  const root = mkdtempSync(join(tmpdir(), "acr-part-"));
  try {
    mkdirSync(join(root, "parts"));
    symlinkSync(join(ROOT, "parts/sdk"), join(root, "parts/sdk"));
    cpSync(folder, join(root, "parts", NAME), { recursive: true, filter: (path) => !["build", "node_modules"].includes(basename(path)) });
    writeFileSync(target, await compileIn(root));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function compileIn(root) {
  const worker = new Worker(join(ROOT, "scripts/compile-part.mjs"), { workerData: { root } });
  try {
    const { wasm, problem } = await new Promise((resolve, reject) => {
      worker.once("error", reject);
      worker.once("message", resolve);
      worker.postMessage(NAME);
    });
    if (wasm === undefined) throw new CliError("failed", "compiler.failed", `AssemblyScript failed:\n${problem}`);
    return wasm;
  } finally {
    await worker.terminate();
  }
}
