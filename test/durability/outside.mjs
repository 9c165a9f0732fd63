/**
 * The outside world of the kill test: a service that honours idempotency keys, and a daemon that calls back.
 *
 * Invariants
 * W1  An effect is one line of a log, on disk before it is answered. That log is the judge, not what the engine says of itself.
 * W2  A request with a known key is answered as the first one was, and is no second effect.
 * W3  The daemon calls back until it gets an answer that is not 503: an engine that is away is tried again.
 */
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "../../bench/client.mjs";

const CALL_AGAIN_AFTER_MS = 250;
const CALLS_AT_MOST = 1200;

/**
 * `port`, `effects()` (the log, read again from disk: `[{ key, run, step }]`), `counts`, `tasks`, `isCalling()`, `close()`.
 * `secret` is what it wants to be told; `random` decides how slow the service is and when the daemon answers.
 */
export async function openOutside({ logFile, random, secret }) {
  const outside = {
    log: openSync(logFile, "a"),
    seen: new Map(),
    tasks: new Map(),
    jobs: new Map(),
    broken: new Set(),
    random,
    secret,
    isClosed: false,
  };
  outside.counts = { requests: 0, repeated: 0, refused: 0, callbacksCutOff: 0, wrongSecrets: 0 };
  const server = http.createServer((incoming, response) => {
    serve(outside, incoming, response).catch((error) => {
      console.error(`the outside world failed: ${error.stack}`);
      response.destroy();
    });
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return {
    port: server.address().port,
    counts: outside.counts,
    tasks: outside.tasks,
    isCalling: () => [...outside.tasks.values()].some(({ answers }) => answers.length === 0),
    effects: () => readLines(logFile),
    close() {
      outside.isClosed = true;
      server.closeAllConnections();
      server.close();
      closeSync(outside.log);
    },
  };
}

async function serve(outside, incoming, response) {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const body = JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}");
  const key = incoming.headers["idempotency-key"] ?? `no key ${outside.counts.requests}`;
  const calls = (outside.seen.get(key) ?? 0) + 1;
  outside.seen.set(key, calls);
  outside.counts.requests++;
  const [, route, step, times] = incoming.url.split("/");
  if (route === "tasks") return takeTask(outside, key, body, response);
  if (route === "jobs") return tellOfJob(outside, step, response);
  if (route === "mended" && isBroken(outside, body.n, key)) return reply(response, 400, { error: "it is broken" });
  if (route === "secret" && incoming.headers.authorization !== `Bearer ${outside.secret}`) {
    outside.counts.wrongSecrets++;
    return reply(response, 401, { error: "who are you?" });
  }
  if (calls <= Number(times ?? 0)) {
    outside.counts.refused++;
    return reply(response, 503, { error: "not yet" });
  }
  if (calls > Number(times ?? 0) + 1) outside.counts.repeated++;
  else writeEffect(outside, { key, run: body.n, step });
  await sleep(outside.random() * 300); // the effect is done and the engine does not know yet: the moment at which a crash hurts most
  reply(response, 200, { n: body.n, took: step });
}

/** Broken for the first one who asks, mended for every other: a redrive comes with another key. */
function isBroken({ broken }, n, key) {
  const isFirst = !broken.has(n) || broken.has(key);
  if (isFirst) broken.add(n).add(key);
  return isFirst;
}

/** Done some seconds after it was first asked after. */
function tellOfJob({ jobs, random }, name, response) {
  if (!jobs.has(name)) jobs.set(name, Date.now() + random() * 3000);
  reply(response, 200, { n: Number(name), state: Date.now() < jobs.get(name) ? "printing" : "done" });
}

function writeEffect({ log }, effect) {
  writeSync(log, `${JSON.stringify(effect)}\n`);
  fsyncSync(log);
}

/** A task that is given again (same key) is the same task. Some are answered before they are taken, some long after. */
function takeTask(outside, key, { task, callback_url: callbackUrl }, response) {
  const known = outside.tasks.get(key);
  if (known) outside.counts.repeated++;
  else {
    const order = { id: `task-${outside.tasks.size}`, n: task, callbackUrl, answers: [] };
    outside.tasks.set(key, order);
    writeEffect(outside, { key, run: task, step: "ask" });
    const delayMs = outside.random() < 0.25 ? 0 : outside.random() * 4000;
    void callBack(outside, order, delayMs);
  }
  reply(response, 202, { task_id: outside.tasks.get(key).id });
}

/** Every third answer is sent twice, as daemons do that did not hear the first answer. */
async function callBack(outside, order, delayMs) {
  await sleep(delayMs);
  for (let calls = 0; calls < CALLS_AT_MOST && !outside.isClosed; calls++) {
    try {
      const { status, text } = await request(order.callbackUrl, { method: "POST" }, { task_id: order.id, data: { echo: order.n } });
      if (status !== 503) order.answers.push({ status, text });
    } catch {
      outside.counts.callbacksCutOff++;
    }
    if (order.answers.length >= (order.n % 3 === 0 ? 2 : 1)) return;
    await sleep(CALL_AGAIN_AFTER_MS);
  }
}

function reply(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}

const readLines = (file) =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
