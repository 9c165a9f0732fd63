/** What a newcomer sees after `npm start`: a workflow at work, its result, and the lines to try next. */
import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const DEMO = join(ROOT, "examples/demo");
const WORKFLOWS = ["summary", "stats", "classify", "digest"]; // the children before the one that calls them
const TAKES_AT_MOST_MS = 60_000;
const LOOK_EVERY_MS = 100;
const ENDED = new Set(["succeeded", "failed", "cancelled", "timed_out"]);

/** `allow(address)` opens egress to the daemon. Resolves, when the demo is over, to what ends the daemon. */
export async function runDemo({ url, apiKey, allow, log = console.log }) {
  const daemon = await startDaemon();
  try {
    allow(`127.0.0.1:${daemon.port}`);
    const call = caller(url, apiKey);
    for (const name of WORKFLOWS) await call("POST", "/webhooks/named", yaml(name), "application/yaml");
    const input = { text: readFileSync(join(DEMO, "story.txt"), "utf8"), daemon_url: `http://127.0.0.1:${daemon.port}/tasks` };
    log("\nThe demo: a story of three pages goes to three workflows and a daemon at once (examples/demo/digest.yaml)\n");
    const { run_id: runId } = await call("POST", "/webhooks/named/demo_digest/trigger", JSON.stringify(input), "application/json");
    const run = await watch(call, runId, log);
    log(`\n${run.status === "succeeded" ? "The report:" : `The run ${run.status}:`}\n${JSON.stringify(run.output ?? run.error, null, 2)}`);
    log(nextLines(url, apiKey, runId));
    return () => daemon.stop();
  } catch (error) {
    daemon.stop();
    throw error;
  }
}

/** One line for each step, whenever its status changes. */
async function watch(call, runId, log) {
  const startedAt = performance.now();
  const shown = new Map();
  while (performance.now() - startedAt < TAKES_AT_MOST_MS) {
    const run = await call("GET", `/runs/${runId}`);
    const { steps } = await call("GET", `/runs/${runId}/trace`);
    for (const { node, status } of steps.filter((step) => shown.get(step.node) !== step.status)) {
      shown.set(node, status);
      log(`  ${((performance.now() - startedAt) / 1000).toFixed(2).padStart(6)} s  ${node.padEnd(10)} ${status}`);
    }
    if (ENDED.has(run.status)) return run;
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`run ${runId} has not ended within ${TAKES_AT_MOST_MS / 1000} s`);
}

function caller(url, apiKey) {
  return async (method, path, body, type) => {
    const headers = { "x-arcrun-api-key": apiKey, ...(type ? { "content-type": type } : {}) };
    const response = await fetch(`${url}${path}`, { method, headers, ...(body ? { body } : {}) });
    const answer = await response.json();
    if (response.ok) return answer;
    const problems = (answer.errors ?? []).map(({ pointer, detail }) => `\n  ${pointer}: ${detail}`).join("");
    throw new Error(`${method} ${path} answered ${response.status}: ${answer.detail}${problems}`);
  };
}

function startDaemon() {
  const child = fork(join(ROOT, "examples/daemon/main.mjs"), ["0"], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  return new Promise((resolve, reject) => {
    child.once("message", ({ port }) => resolve({ port, stop: () => child.kill("SIGTERM") }));
    child.once("exit", (code) => reject(new Error(`the daemon ended with code ${code} before it listened`)));
  });
}

function yaml(name) {
  return readFileSync(join(DEMO, `${name}.yaml`), "utf8");
}

function nextLines(url, apiKey, runId) {
  const auth = `-H 'X-Arcrun-API-Key: ${apiKey}'`;
  return `
Arcrun goes on running. To try next:

  curl ${auth} ${url}/runs/${runId}/trace
  curl ${auth} ${url}/webhooks/named
  curl ${auth} -H 'Content-Type: application/json' -d '{"text": "The ship left the harbour. It came back."}' \\
    '${url}/webhooks/named/demo_stats/trigger?wait=10'

  URL      ${url}
  API key  ${apiKey}
  Stop     Ctrl-C
`;
}
