/** Runs the engine as its owner does, with `npm start`, on a free port and a data directory of its own, and ends it, gently or not. */
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const READY_WITHIN_MS = 120_000;
const GONE_WITHIN_MS = 10_000;
const LOG_SHOWN_CHARS = 4000;

/** Process groups that live: none outlives this process, however it ends. */
const groups = new Set();
process.once("exit", () => groups.forEach((pid) => signalGroup(pid, "SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));

/**
 * What a restart needs to be the same engine: `{ home, port, apiKey, egress }`. `egress` is the host:port that its parts may reach; `more` may name
 * another folder whose `npm start` it is (`root`), and what its environment has besides (`env`).
 */
export async function newEngineSettings(egress = "", more = {}) {
  const home = mkdtempSync(join(tmpdir(), "arcrun-run-"));
  return { home, port: await freePort(), apiKey: `ak_${randomBytes(24).toString("hex")}`, egress, ...more };
}

/**
 * `ready` resolves to the engine's URL and rejects when the engine ends first; `kill()` ends its whole process group at once, `signal()` only
 * signals it. `workerdPid()` is undefined while no workerd runs.
 */
export function spawnEngine({ home, port, apiKey, egress, root = ROOT, env = {} }) {
  const readyFile = join(home, "ready.json");
  const logFile = join(home, "engine.log");
  rmSync(readyFile, { force: true });
  const log = openSync(logFile, "a");
  const child = spawn("npm", ["start", "--", "--ready-file", readyFile], {
    cwd: root,
    detached: true, // a process group of its own, so that all of it can be ended
    stdio: ["ignore", log, log],
    env: {
      ...process.env,
      ...env,
      PORT: String(port),
      ARCRUN_DATA_DIR: join(home, "data"),
      ARCRUN_API_KEY: apiKey,
      ARCRUN_EGRESS_ALLOW: egress,
    },
  });
  closeSync(log);
  groups.add(child.pid);
  const life = { ended: false };
  const gone = new Promise((resolve) => child.once("exit", resolve)).then(() => (life.ended = true));
  const ready = waitUntilReady(readyFile, logFile, life);
  ready.catch(() => {}); // whoever kills it before it is ready need not look
  const end = async (signal) => {
    signalGroup(child.pid, signal);
    await Promise.race([gone, sleep(GONE_WITHIN_MS, undefined, { ref: false })]);
    signalGroup(child.pid, "SIGKILL"); // what the leader left behind
    groups.delete(child.pid);
    await portIsFree(port);
  };
  return {
    pid: child.pid,
    ready,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    signal: (signal) => signalGroup(child.pid, signal),
    workerdPid: () => workerdOf(child.pid),
  };
}

/** The workerd of this process group; one that is dead and not yet collected does not count. */
function workerdOf(group) {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,pgid=,stat=,comm="], { encoding: "utf8" }).trim().split("\n");
  const processes = lines.map((line) => line.trim().split(/\s+/));
  const found = processes.find(([, pgid, state, name]) => Number(pgid) === group && !state.startsWith("Z") && name?.includes("workerd"));
  return found && Number(found[0]);
}

async function waitUntilReady(readyFile, logFile, life) {
  for (const deadline = Date.now() + READY_WITHIN_MS; Date.now() < deadline; await sleep(20)) {
    if (existsSync(readyFile)) return JSON.parse(readFileSync(readyFile, "utf8")).url;
    if (life.ended) break;
  }
  const why = life.ended ? "the engine ended before it was ready" : `the engine was not ready within ${READY_WITHIN_MS / 1000} s`;
  throw new Error(`${why}; the end of its log:\n${readFileSync(logFile, "utf8").slice(-LOG_SHOWN_CHARS)}`);
}

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // nobody of it is left, which is what was wanted
  }
}

async function portIsFree(port) {
  for (const deadline = Date.now() + GONE_WITHIN_MS; Date.now() < deadline; await sleep(20)) {
    if (await canListen(port)) return;
  }
  throw new Error(`port ${port} is still taken after the engine was ended`);
}

function canListen(port) {
  return new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** From below the range that the system hands out by itself, so that no outgoing connection takes it while the engine is down. */
async function freePort() {
  for (let tries = 0; tries < 50; tries++) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (await canListen(port)) return port;
  }
  throw new Error("there is no free port between 20000 and 30000");
}
