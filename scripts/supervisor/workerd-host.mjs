/**
 * The process that holds workerd. The supervisor forks it, gives it one message `{ workers, dataDir, vars, egress, seed, partsDir }` (no `partsDir`: no parts) and gets
 * `{ type: "started", pid }` (workerd's), then `{ type: "ready", port }`.
 *
 * 1. One workerd a process: when workerd ends, so does this process. Miniflare alone would start workerd again under the old BOOT_ID,
 *    and leases of the dead one would count as alive.
 * 2. When the supervisor is gone, so are this process and workerd.
 */
import childProcess from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { prepareCatalogue } from "./catalogue.mjs";
import { removeEmptyObjects } from "./empty-objects.mjs";
import { stockParts } from "./part-stock.mjs";

const require = createRequire(import.meta.url);
// The very Miniflare that wrangler brings, so that there is one in the tree.
const { Miniflare, Log, LogLevel, convertV4MiniflareOptions } = require(createRequire(require.resolve("wrangler")).resolve("miniflare"));

let workerd;
const spawn = childProcess.spawn;
childProcess.spawn = (...args) => {
  globalThis.ArrayBuffer = ExactBuffer;
  const child = spawn(...args);
  if (!workerd && String(args[0]).includes("workerd")) {
    workerd = child;
    process.send?.({ type: "started", pid: child.pid });
    child.once("exit", (code, signal) => end(`workerd ended (${signal ?? code})`));
  }
  return child;
};

/**
 * Miniflare writes all modules into one buffer, and whenever that is full makes a new one, larger by 4 KiB or by what is to be written, and
 * copies all: a GB at a start. It asks a buffer how much room it has, so one with more room than it wanted is as good. Only what is
 * larger than the one before by a step is such a buffer; the message that it makes of it in the end is not.
 */
const ExactBuffer = ArrayBuffer;
const ROOM_FROM_BYTES = 256 * 1024;
const STEP_BYTES = 4096;

/** Until workerd is spawned. */
function makeBuffersRoomy() {
  let last = ROOM_FROM_BYTES;
  globalThis.ArrayBuffer = new Proxy(ExactBuffer, {
    construct(target, [bytes, ...rest], asked) {
      if (!(bytes >= last + STEP_BYTES)) return Reflect.construct(target, [bytes, ...rest], asked);
      last = bytes * 2;
      return Reflect.construct(target, [last, ...rest], asked);
    },
  });
}

function end(reason) {
  if (workerd?.exitCode === null && workerd.signalCode === null) workerd.kill("SIGKILL");
  if (reason) console.error(reason);
  process.exit(reason ? 1 : 0);
}

async function start({ workers, dataDir, vars, egress, seed, partsDir }) {
  const [entry] = workers;
  removeEmptyObjects(dataDir);
  makeBuffersRoomy();
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      logRequests: false,
      unsafeLocalExplorer: false,
      unsafeObservability: false,
      telemetry: { enabled: false },
      log: new Log(LogLevel.WARN),
      resourcePersistencePath: join(dataDir, "state"),
      workers: workers
        .map(({ name, modulesRoot, modules, options }) => ({
          ...options,
          name,
          modulesRoot,
          modules,
          bindings: { ...options.bindings, ...vars },
          outboundService: "way-out",
          unsafeDirectSockets: name === entry.name ? [{ host: "127.0.0.1", port: 0 }] : [],
        }))
        .concat(wayOut(egress)),
    }),
  );
  await miniflare.ready;
  await Promise.all([
    miniflare.getD1Database("DB", entry.name).then((db) => prepareCatalogue(db, seed)),
    // Before the first run can pin one.
    partsDir !== undefined && miniflare.getR2Bucket("PAYLOADS", entry.name).then((bucket) => stockParts(bucket, partsDir)),
  ]);
  const url = await miniflare.unsafeGetDirectURL(entry.name);
  process.send?.({ type: "ready", port: Number(url.port) });
}

/** Whatever a Worker fetches lands at the egress half, which refuses what lacks its token: there is no other way out. */
function wayOut(egress) {
  return {
    name: "way-out",
    modules: true,
    script: "export default { fetch: (request, env) => env.EGRESS_HALF.fetch(request) };",
    compatibilityDate: "2026-10-01",
    serviceBindings: { EGRESS_HALF: { external: { address: egress, http: {} } } },
  };
}

process.once("message", (message) => {
  start(message).catch((error) => end(`workerd did not start: ${error.stack ?? error}`));
});
process.once("disconnect", () => end());
process.once("SIGTERM", () => end());
process.once("SIGINT", () => end());
