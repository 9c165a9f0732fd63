/** `npm start`: builds what is stale, runs the three Workers in workerd with state on disk, and keeps them running. */
import { randomBytes } from "node:crypto";
import { get } from "node:http";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { readFresh, STAMP } from "./build-stamp.mjs";
import { openDataDir, writeWhole } from "./supervisor/data-dir.mjs";
import { openEgressHalf } from "./supervisor/egress.mjs";
import { openFrontDoor } from "./supervisor/front-door.mjs";
import { readSettings, StartError } from "./supervisor/settings.mjs";
import { deferred, keepWorkerd } from "./supervisor/workerd.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const STOPS_WITHIN_MS = 9000;

const log = (text) => console.log(text);
const stops = []; // what is to be undone at the end, last first
let ending;

/** `build` gives the Workers that run, as `workerd-host.mjs` starts them: a test brings its own, around the real ones. */
export function startEngine({ build = buildStale } = {}) {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => void end(0));
  start(build).catch((error) => end(1, error instanceof StartError ? error.message : error.stack));
}

async function start(build) {
  const settings = readSettings(process.env, process.argv.slice(2));
  const { masterKey, apiKey, isNewKey } = openDataDir(settings.dataDir, settings.apiKey);
  const running = { port: () => undefined }; // until workerd runs
  const door = await openFrontDoor({ listen: settings.port, port: () => running.port() });
  stops.push(
    () => door.closeAllConnections(),
    () => door.close(),
  );
  const egressToken = randomBytes(32).toString("hex");
  const egress = await openEgressHalf({ token: egressToken, allow: settings.egressAllow });
  stops.push(() => egress.close());
  const told = deferred();
  const engine = keepWorkerd({ dataDir: settings.dataDir, start: told.promise, log, onGiveUp: (reason) => end(1, reason) }); // its process loads during the build
  running.port = engine.port;
  stops.push(() => engine.stop());
  const workers = await build({ quiet: Boolean(settings.readyFile) });
  told.resolve(startMessage({ settings, workers, masterKey, apiKey, egress, egressToken }));
  await engine.started;
  const url = `http://127.0.0.1:${settings.port}`;
  await isHealthy(url);
  if (settings.readyFile) writeWhole(settings.readyFile, JSON.stringify({ url, apiKey, pid: process.pid }));
  log(`Arcrun is ready at ${url}`);
  if (isNewKey) log(`API key: ${apiKey}`);
  if (settings.demo) await demonstrate({ url, apiKey, egress });
}

/** Compilers are loaded only when there is something to build. */
async function buildStale(options) {
  const fresh = readFresh(STAMP);
  if (fresh !== undefined) return fresh;
  const { buildAll } = await import("./build.mjs");
  return buildAll(options);
}

function startMessage({ settings, workers, masterKey, apiKey, egress, egressToken }) {
  return {
    workers,
    dataDir: settings.dataDir,
    egress: `127.0.0.1:${egress.port}`,
    vars: {
      MASTER_KEY: masterKey,
      PUBLIC_URL: settings.publicUrl,
      DETACH_IO: "1",
      EGRESS_URL: `http://127.0.0.1:${egress.port}/`,
      EGRESS_TOKEN: egressToken,
      ...(settings.startRate === undefined ? {} : { START_RATE: settings.startRate }),
      ...(settings.failureRate === undefined ? {} : { FAILURE_RATE: settings.failureRate }),
    },
    seed: { migrationsDir: join(ROOT, "migrations"), apiKey },
    partsDir: join(ROOT, "generated"),
  };
}

async function isHealthy(url) {
  for (;;) {
    const status = await new Promise((resolve) => {
      get(`${url}/health`, { agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).once("error", () => resolve(0));
    });
    if (status === 200 || ending) return;
    await sleep(50);
  }
}

/** The demo is an extra: when it fails the engine runs on. */
async function demonstrate({ url, apiKey, egress }) {
  try {
    const { runDemo } = await import("./demo.mjs");
    const stopDemo = await runDemo({ url, apiKey, allow: egress.allow });
    stops.push(stopDemo);
  } catch (error) {
    log(`The demo did not work: ${error.message}`);
  }
}

function end(code, reason) {
  ending ??= finish(code, reason);
  return ending;
}

async function finish(code, reason) {
  if (reason) console.error(`arcrun: ${reason}`);
  setTimeout(() => process.exit(code), STOPS_WITHIN_MS).unref();
  for (const stop of stops.reverse()) await stop();
  process.exit(code);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) startEngine();
