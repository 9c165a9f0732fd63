/**
 * Bundles the three Workers for the local runtime, and writes down what their wrangler files bind.
 * In production wrangler bundles them itself, from the same wrangler files.
 */
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
export const LOCAL_DIST = join(ROOT, "dist", "local");

/** The first one is the entry: the front door talks to it. */
const WORKERS = [
  { name: "arcrun-ingress", config: "wrangler.toml", main: "workers/ingress/index.ts" },
  { name: "arcrun-runner", config: "workers/runner/wrangler.toml", main: "workers/runner/index.ts" },
  { name: "arcrun-callback", config: "workers/callback/wrangler.toml", main: "workers/callback/index.ts" },
];

/**
 * Writes `dist/local/<worker>/index.js`, its binary modules, and `dist/local/workers.json`: the list that `workerd-host.mjs` starts,
 * entry first, each `{ name, modulesRoot, modules: [{ type, path }], options }`. `root` holds the wrangler files and the Workers.
 */
export async function buildWorkers({ root = ROOT, out = LOCAL_DIST } = {}) {
  const options = await readOptions(root, out);
  const workers = [];
  for (const worker of WORKERS) {
    const modulesRoot = join(out, worker.name);
    const modules = await bundle(join(root, worker.main), modulesRoot);
    workers.push({ name: worker.name, modulesRoot, modules, options: options[worker.name] });
  }
  writeFileSync(join(out, "workers.json"), JSON.stringify(workers, null, 2));
  return workers;
}

async function bundle(entry, outdir) {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const binaries = new Map();
  await build({
    entryPoints: [entry],
    outfile: join(outdir, "index.js"),
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    loader: { ".txt": "text", ".html": "text", ".sql": "text" }, // as wrangler's default rules have it
    define: { "process.env.NODE_ENV": '"production"' },
    keepNames: true,
    logLevel: "error",
    plugins: [binaryModules(outdir, binaries)],
  });
  return [{ type: "ESModule", path: join(outdir, "index.js") }, ...binaries.values()];
}

/** `.wasm` and `.bin` stay modules of their own: a Worker may not compile bytes. */
function binaryModules(outdir, found) {
  return {
    name: "binary-modules",
    setup(build) {
      build.onResolve({ filter: /\.(wasm|bin)(\?module)?$/ }, (args) => {
        const file = resolve(args.resolveDir, args.path.replace(/\?module$/, ""));
        const digest = createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 16);
        const name = `${digest}-${basename(file)}`;
        if (!found.has(name)) {
          copyFileSync(file, join(outdir, name));
          found.set(name, { type: file.endsWith(".wasm") ? "CompiledWasm" : "Data", path: join(outdir, name) });
        }
        return { path: `./${name}`, external: true };
      });
    },
  };
}

/** Loading wrangler takes seconds, so what it read is kept until a wrangler file (or wrangler itself) changes. */
async function readOptions(root, out) {
  const file = join(out, "options.json");
  const sources = [...WORKERS.map(({ config }) => join(root, config)), join(ROOT, "node_modules/wrangler/package.json")];
  const newest = Math.max(...sources.map((path) => statSync(path).mtimeMs));
  if (existsSync(file) && statSync(file).mtimeMs > newest) return JSON.parse(readFileSync(file, "utf8"));
  mkdirSync(out, { recursive: true });
  process.env.MASTER_KEY ??= "set by the supervisor"; // wrangler warns about a secret that it cannot find
  process.env.WRANGLER_LOG ??= "error";
  const { unstable_getMiniflareWorkerOptions: read } = await import("wrangler");
  const options = {};
  for (const { name, config } of WORKERS) {
    const { modulesRules: _rules, rootPath: _root, ...rest } = read(join(root, config)).workerOptions;
    options[name] = rest;
  }
  writeFileSync(file, JSON.stringify(options, null, 2));
  return options;
}
