/** Runs the floor in workerd as the supervisor runs the engine: the same host process, the same settings, state on disk. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { keepWorkerd } from "../../scripts/supervisor/workerd.mjs";

const FLOOR = dirname(fileURLToPath(import.meta.url));
const MIGRATIONS = join(FLOOR, "../../migrations");
const STARTS_WITHIN_MS = 60_000;

/** Resolves to `{ url, stop() }`. */
export async function startFloor() {
  const home = mkdtempSync(join(tmpdir(), "arcrun-floor-"));
  let giveUp;
  const isHopeless = new Promise((_, reject) => (giveUp = reject));
  isHopeless.catch(() => {}); // it may come to nothing
  const host = keepWorkerd({
    start: {
      workers: [await bundle(join(home, "worker"))],
      dataDir: home,
      vars: {},
      egress: "127.0.0.1:9", // the discard port: the floor calls nobody
      seed: { migrationsDir: MIGRATIONS, apiKey: "unused" },
    },
    log: (text) => console.error(`floor: ${text}`),
    onGiveUp: (reason) => giveUp(new Error(`the floor does not start: ${reason}`)),
  });
  const stop = async () => {
    await host.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  const late = AbortSignal.timeout(STARTS_WITHIN_MS);
  const isLate = new Promise((_, reject) => late.addEventListener("abort", () => reject(new Error("the floor did not start in time"))));
  try {
    await Promise.race([host.started, isLate, isHopeless]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${host.port()}`, stop };
}

async function bundle(modulesRoot) {
  mkdirSync(join(modulesRoot, "../state"), { recursive: true });
  const outfile = join(modulesRoot, "index.js");
  await build({
    entryPoints: [join(FLOOR, "index.ts")],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:*"],
    logLevel: "error",
  });
  process.env.WRANGLER_LOG ??= "error";
  const { unstable_getMiniflareWorkerOptions: read } = await import("wrangler");
  const { modulesRules: _rules, rootPath: _root, ...options } = read(join(FLOOR, "wrangler.toml")).workerOptions;
  return { name: "arcrun-bench-floor", modulesRoot, modules: [{ type: "ESModule", path: outfile }], options };
}
