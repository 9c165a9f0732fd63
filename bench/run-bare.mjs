/** Runs one Worker of the bench, the floor or Cloudflare Workflows, in the process in which the supervisor runs the engine, with state on disk. */
import { fork } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { hostEnv } from "../scripts/supervisor/workerd.mjs";

const BENCH = dirname(fileURLToPath(import.meta.url));
const HOST = join(BENCH, "../scripts/supervisor/workerd-host.mjs");
const MIGRATIONS = join(BENCH, "../migrations");
const STARTS_WITHIN_MS = 60_000;

/**
 * `name` is a folder beside this file, with a Worker and its wrangler file. Resolves to `{ url, stop() }`. No heartbeat is listened to: who is
 * busy for many seconds is slow here, not dead.
 */
export async function startBare(name) {
  const home = mkdtempSync(join(tmpdir(), `arcrun-${name}-`));
  const worker = await bundle(join(BENCH, name), join(home, "worker"));
  const host = fork(HOST, [], { stdio: ["ignore", "inherit", "inherit", "ipc"], env: hostEnv() });
  const gone = new Promise((resolve) => host.once("exit", resolve));
  const stop = async () => {
    host.kill("SIGTERM");
    await gone;
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  host.send({
    workers: [worker],
    dataDir: home,
    vars: {},
    egress: "127.0.0.1:9", // the discard port: it calls nobody
    seed: { migrationsDir: MIGRATIONS, apiKey: "unused" },
  });
  try {
    return { url: `http://127.0.0.1:${await portOf(host, name)}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function portOf(host, name) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${name} did not start in time`)), STARTS_WITHIN_MS);
    host.on("message", ({ type, port }) => {
      if (type !== "ready") return;
      clearTimeout(late);
      resolve(port);
    });
    host.once("exit", () => reject(new Error(`${name} ended before it was ready`)));
  });
}

async function bundle(folder, modulesRoot) {
  mkdirSync(join(modulesRoot, "../state"), { recursive: true });
  const outfile = join(modulesRoot, "index.js");
  await build({
    entryPoints: [join(folder, "index.ts")],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:*"],
    logLevel: "error",
  });
  process.env.WRANGLER_LOG ??= "error";
  const { unstable_getMiniflareWorkerOptions: read } = await import("wrangler");
  const { modulesRules: _rules, rootPath: _root, name, ...options } = read(join(folder, "wrangler.toml")).workerOptions;
  return { name, modulesRoot, modules: [{ type: "ESModule", path: outfile }], options };
}
