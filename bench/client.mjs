/** What a user of the HTTP API does, as far as the bench and the long-running tests need it. */
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const ANSWER_WITHIN_MS = 30_000;
const ENDED = new Set(["succeeded", "failed", "cancelled"]);

/** `agent` keeps connections: a new one for each request would be measured, too. */
export function createClient({ url, apiKey }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
  const call = (method, path, body, headers = {}) =>
    request(`${url}${path}`, { method, agent, headers: { "x-arcrun-api-key": apiKey, ...headers } }, body);
  const ok = async (...args) => {
    const answer = await call(...args);
    if (answer.status < 200 || answer.status > 299)
      throw new Error(`${args[0]} ${args[1]} answered ${answer.status}: ${answer.text.slice(0, 600)}`);
    return answer.json;
  };
  return {
    call,
    push: (workflow) => ok("POST", "/webhooks/named", workflow),
    trigger: async (name, input) => (await ok("POST", `/webhooks/named/${name}/trigger`, input)).run_id,
    run: (id) => ok("GET", `/runs/${id}`),
    steps: (id) => allSteps(ok, id),
    /** The kinds of the rows in the run's log, in order. */
    events: async (id) => [...(await call("GET", `/runs/${id}/events`)).text.matchAll(/^event: ?(.+)$/gm)].map((found) => found[1]),
    /** The sum of each metric over its labels, by name. */
    metrics: async () => sums((await call("GET", "/metrics")).text),
    waitRun: (id, withinMs = 60_000) => waitRun(ok, id, withinMs),
    close: () => agent.destroy(),
  };
}

function sums(text) {
  const found = new Map();
  for (const [, name, value] of text.matchAll(/^([a-z_]+)(?:\{[^}]*\})? ([\d.e+-]+)$/gm))
    found.set(name, (found.get(name) ?? 0) + Number(value));
  return found;
}

async function waitRun(ok, id, withinMs) {
  for (const deadline = Date.now() + withinMs; ; await sleep(50)) {
    const run = await ok("GET", `/runs/${id}`);
    if (ENDED.has(run.status) || Date.now() >= deadline) return run;
  }
}

async function allSteps(ok, id) {
  const steps = [];
  for (let cursor = ""; ;) {
    const page = await ok("GET", `/runs/${id}/trace${cursor && `?cursor=${encodeURIComponent(cursor)}`}`);
    steps.push(...page.steps);
    if (!page.next_cursor) return steps;
    cursor = page.next_cursor;
  }
}

/** One request, JSON in and out. Resolves to `{ status, headers, text, json }`, rejects when nothing (whole) came back. */
export function request(url, { method = "GET", headers = {}, agent = false, withinMs = ANSWER_WITHIN_MS } = {}, body) {
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const all = { ...headers, ...(bytes ? { "content-type": "application/json", "content-length": bytes.length } : {}) };
  return new Promise((resolve, reject) => {
    const sent = http.request(url, { method, agent, headers: all, timeout: withinMs }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => resolve(answerOf(response, Buffer.concat(chunks).toString("utf8"))));
    });
    sent.once("timeout", () => sent.destroy(new Error(`${method} ${url} got no answer within ${withinMs / 1000} s`)));
    sent.once("error", reject);
    sent.end(bytes);
  });
}

function answerOf({ statusCode: status, headers }, text) {
  try {
    return { status, headers, text, json: JSON.parse(text) };
  } catch {
    return { status, headers, text, json: undefined };
  }
}

/** `work` on every item, at most `size` at a time, results in order. */
export async function inParallel(items, size, work) {
  const results = Array.from({ length: items.length });
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const i = next++;
      results[i] = await work(items[i], i);
    }
  };
  await Promise.all(Array.from({ length: Math.min(size, items.length) }, lane));
  return results;
}

/** The value below which the given share (0 to 1) of the values lies. */
export function quantile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}

export const range = (count) => Array.from({ length: count }, (_, i) => i);
