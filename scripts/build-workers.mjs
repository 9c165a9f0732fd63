/**
 * Bundles the three Workers for the local runtime, and writes down what their wrangler files bind.
 * In production wrangler bundles them itself, from the same wrangler files.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { replaceFile } from "./load-ts.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const LOCAL_DIST = join(ROOT, "dist", "local");
const KEEP_BUNDLES_MS = 24 * 3600 * 1000;

/** The first one is the entry: the front door talks to it. */
const WORKERS = [
  { name: "arcrun-ingress", config: "wrangler.toml", main: "workers/ingress/index.ts" },
  { name: "arcrun-runner", config: "workers/runner/wrangler.toml", main: "workers/runner/index.ts" },
  { name: "arcrun-callback", config: "workers/callback/wrangler.toml", main: "workers/callback/index.ts" },
];

/**
 * Resolves to `{ workers, inputs }`: the list that `workerd-host.mjs` starts, entry first, each `{ name, modulesRoot, modules: [{ type, path }],
 * options }`; and the files that were bundled, seen from `root`.
 * `root` holds the wrangler files and the Workers; `mains` names other entries, by Worker, and `plugins` see what is bundled. A bundle lies in a folder named after its content and never changes: an engine that
 * runs may start its workerd again while a newer bundle is built.
 */
export async function buildWorkers({ root = ROOT, out = LOCAL_DIST, mains = {}, plugins = [] } = {}) {
  mkdirSync(out, { recursive: true });
  const options = await readOptions(root, out);
  const workers = [];
  const inputs = new Set();
  for (const { name, main } of WORKERS) {
    const { files, metafile } = await bundle(root, mains[name] ?? main, plugins);
    for (const path of Object.keys(metafile.inputs)) inputs.add(path);
    const modulesRoot = store(join(out, name), files);
    const modules = files.map(({ type, path }) => ({ type, path: join(modulesRoot, path) }));
    workers.push({ name, modulesRoot, modules, options: options[name] });
  }
  return { workers, inputs: [...inputs] };
}

/** `files` are `[{ type, path, bytes }]`, the main module first. */
async function bundle(root, main, plugins) {
  const binaries = new Map();
  const { outputFiles, metafile } = await build({
    entryPoints: [join(root, main)],
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    loader: { ".txt": "text", ".html": "text", ".sql": "text" }, // as wrangler's default rules have it
    define: { "process.env.NODE_ENV": '"production"' },
    keepNames: true,
    logLevel: "error",
    plugins: [...plugins, binaryModules(binaries)],
  });
  return { files: [{ type: "ESModule", path: "index.js", bytes: outputFiles[0].contents }, ...binaries.values()], metafile };
}

/** `.wasm` and `.bin` stay modules of their own: a Worker may not compile bytes. */
function binaryModules(found) {
  return {
    name: "binary-modules",
    setup(build) {
      build.onResolve({ filter: /\.(wasm|bin)(\?module)?$/ }, (args) => {
        const file = resolve(args.resolveDir, args.path.replace(/\?module$/, ""));
        const bytes = readFileSync(file);
        const path = `${digestOf([bytes])}-${basename(file)}`;
        found.set(path, { type: file.endsWith(".wasm") ? "CompiledWasm" : "Data", path, bytes });
        return { path: `./${path}`, external: true };
      });
    },
  };
}

/** Writes a folder that appears whole or not at all, and forgets those that are long out of use. */
function store(base, files) {
  const folder = join(base, digestOf(files.flatMap(({ path, bytes }) => [path, bytes])));
  if (existsSync(folder)) {
    utimesSync(folder, new Date(), new Date());
    return folder;
  }
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  for (const { path, bytes } of files) writeFileSync(join(draft, path), bytes);
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error; // else another build has made the same one meanwhile
  }
  for (const name of readdirSync(base)) {
    if (Date.now() - statSync(join(base, name)).mtimeMs > KEEP_BUNDLES_MS) rmSync(join(base, name), { recursive: true, force: true });
  }
  return folder;
}

function digestOf(parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex").slice(0, 16);
}

/** Loading wrangler takes seconds, so what it read is kept until a wrangler file (or wrangler itself) changes. */
async function readOptions(root, out) {
  const file = join(out, "options.json");
  const sources = [...WORKERS.map(({ config }) => join(root, config)), join(ROOT, "node_modules/wrangler/package.json")];
  const newest = Math.max(...sources.map((path) => statSync(path).mtimeMs));
  if (existsSync(file) && statSync(file).mtimeMs > newest) return JSON.parse(readFileSync(file, "utf8"));
  process.env.MASTER_KEY ??= "set by the supervisor"; // wrangler warns about a secret that it cannot find
  process.env.WRANGLER_LOG ??= "error";
  const { unstable_getMiniflareWorkerOptions: read } = await import("wrangler");
  const options = {};
  for (const { name, config } of WORKERS) {
    const { modulesRules: _rules, rootPath: _root, ...rest } = read(join(root, config)).workerOptions;
    options[name] = rest;
  }
  await replaceFile(file, JSON.stringify(options, null, 2));
  return options;
}
