/**
 * Keeps one workerd running.
 *
 * 1. Every workerd has a BOOT_ID of its own, so that leases of the one before are void.
 * 2. A workerd that dies is started again, each time later; ten deaths in a minute are given up on. Deaths on a full disk do not count: nothing
 *    starts there, and everything does when there is room again.
 * 3. A workerd that leaves three heartbeats unanswered is killed (one endless loop stops everything in it), then 2 holds.
 */
import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { get } from "node:http";
import { fileURLToPath } from "node:url";
import { isDiskFull } from "./disk-room.mjs";

const HOST = fileURLToPath(new URL("workerd-host.mjs", import.meta.url));
const HEARTBEAT_EVERY_MS = 2000;
const HEARTBEATS_UNANSWERED = 3;
const STARTS_WITHIN_MS = 60_000;
const BACKOFF_MS = { first: 100, most: 10_000 };
const FULL_DISK_MS = 2000;
const GIVE_UP = { deaths: 10, withinMs: 60_000 };

/**
 * `dataDir` is where the state lies. `start` is what `workerd-host.mjs` wants, but for BOOT_ID, or the promise of it: the process loads meanwhile. `port()` is where workerd listens,
 * undefined while it does not. `started` resolves at the first readiness; `onGiveUp(reason)` is called once, at the end of all hope.
 */
export function keepWorkerd({ dataDir, start, log, onGiveUp }) {
  const state = { stopping: false, child: undefined, pid: undefined, port: undefined, deaths: [], timer: undefined };
  const { promise: started, resolve } = deferred();

  function boot() {
    const child = fork(HOST, [], { stdio: ["ignore", "inherit", "inherit", "ipc"], env: hostEnv() });
    Object.assign(state, { child, pid: undefined, port: undefined });
    let tooLate;
    let stopHeartbeat = () => {};
    child.on("message", (message) => {
      if (message.type === "started") state.pid = message.pid;
      if (message.type !== "ready") return;
      clearTimeout(tooLate);
      state.port = message.port;
      stopHeartbeat = watchHeartbeat(message.port, () => {
        log("workerd does not answer; killing it");
        kill(state);
      });
      resolve();
    });
    child.once("exit", () => {
      clearTimeout(tooLate);
      stopHeartbeat();
      killPid(state.pid); // it outlives a host that was killed alone
      Object.assign(state, { child: undefined, pid: undefined, port: undefined });
      if (!state.stopping) reboot();
    });
    child.once("error", (error) => log(`the runtime's process failed: ${error.message}`));
    void Promise.resolve(start).then((message) => {
      if (!child.connected) return; // it ended while nobody had told it anything; the next one is told
      tooLate = setTimeout(() => kill(state), STARTS_WITHIN_MS);
      child.send({ ...message, vars: { ...message.vars, BOOT_ID: randomBytes(8).toString("hex") } }, () => {});
    });
  }

  function reboot() {
    if (isDiskFull(dataDir)) {
      log(`the disk under ${dataDir} is full, so nothing can be stored; the engine goes on as soon as there is room`);
      state.timer = setTimeout(boot, FULL_DISK_MS);
      return;
    }
    const now = Date.now();
    state.deaths = [...state.deaths.filter((at) => now - at < GIVE_UP.withinMs), now];
    if (state.deaths.length >= GIVE_UP.deaths) return onGiveUp(`workerd died ${GIVE_UP.deaths} times within ${GIVE_UP.withinMs / 1000} s`);
    const wait = Math.min(BACKOFF_MS.first * 2 ** (state.deaths.length - 1), BACKOFF_MS.most);
    log(`workerd ended; starting it again in ${wait} ms`);
    state.timer = setTimeout(boot, wait);
  }

  boot();
  return { started, port: () => state.port, stop: () => stop(state) };
}

/** Node's own flags and the terminal's colours are none of workerd's business; wrangler's extras cost a third of the speed. */
export function hostEnv() {
  return { ...process.env, X_LOCAL_OBSERVABILITY: "false", X_LOCAL_EXPLORER: "false", FORCE_COLOR: "0" };
}

async function stop(state) {
  state.stopping = true;
  clearTimeout(state.timer);
  const { child } = state;
  if (!child) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const late = setTimeout(() => kill(state), 3000);
  await gone;
  clearTimeout(late);
}

function kill({ child, pid }) {
  killPid(pid);
  child?.kill("SIGKILL");
}

function killPid(pid) {
  try {
    if (pid) process.kill(pid, "SIGKILL");
  } catch {
    // it is gone, which is what was wanted
  }
}

/** Any answer is a sign of life, be it an error: only silence is not. Beats are counted, not time: a laptop that slept is no silence. */
function watchHeartbeat(port, onSilence) {
  let unanswered = 0;
  let pending;
  const timer = setInterval(() => {
    if (unanswered >= HEARTBEATS_UNANSWERED) {
      clearInterval(timer);
      return onSilence();
    }
    unanswered += 1;
    pending ??= get({ host: "127.0.0.1", port, path: "/health", agent: false }, (response) => {
      unanswered = 0;
      response.resume();
    })
      .on("close", () => (pending = undefined))
      .on("error", () => {});
  }, HEARTBEAT_EVERY_MS);
  return () => {
    clearInterval(timer);
    pending?.destroy();
  };
}

export function deferred() {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  return { promise, resolve };
}
