/**
 * Sources of deliveries: each starts one run after another. A delivery is sent until it is accepted, always with its own idempotency key, so one
 * that was cut off or put off must not become two runs. The only way to put it off is a problem with 503 and Retry-After.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { inParallel, range } from "../../bench/client.mjs";

const START_RUN_EVERY_MS = 110;
const SOURCES = 4;
const AGAIN_AFTER_MS = 50;
const LOOK_EVERY_MS = 50;
const ENDED = new Set(["succeeded", "failed", "cancelled"]);
/** Of the runs, one in so many is delivered once more at the end. */
const DELIVERED_AGAIN = 5;

/** `runs` grows as long as it is not stopped; while `isPaused` nothing is sent. */
export function createDeliveries({ client, load, random, keyPrefix }) {
  const deliveries = {
    client,
    load,
    random,
    keyPrefix,
    runs: [],
    putOff: 0,
    isPaused: true,
    isOver: false,
    isClosed: false,
    hands: [],
  };
  /** @type {Promise<void>[]} */
  let sources = [];
  return {
    runs: deliveries.runs,
    begin() {
      deliveries.isPaused = false;
      sources = range(SOURCES).map((source) => startRuns(deliveries, source));
    },
    pause: () => (deliveries.isPaused = true),
    goOn: () => (deliveries.isPaused = false),
    stop: () => {
      deliveries.isOver = true;
      return Promise.all(sources);
    },
    /** Answers that said: later. */
    putOff: () => deliveries.putOff,
    accepted: () => deliveries.runs.filter(({ id }) => id !== undefined),
    waitForAll: (deadline) => waitForAll(deliveries, deadline),
    close: () => (deliveries.isClosed = true),
  };
}

async function startRuns(deliveries, source) {
  const { load, runs, random } = deliveries;
  for (let n = source; !deliveries.isOver; n += SOURCES) {
    const work = load[n % load.length];
    const run = { n, work, id: undefined, ids: new Set(), tries: 0 };
    runs.push(run);
    await deliver(deliveries, run);
    await sleep(START_RUN_EVERY_MS * SOURCES * 2 * random());
  }
}

async function deliver(deliveries, run) {
  while (run.id === undefined && run.refusal === undefined) {
    while (deliveries.isPaused) await sleep(20);
    run.tries++;
    const answer = await send(deliveries, run);
    if (answer?.status === 202) {
      run.id = answer.json.run_id;
      run.ids.add(run.id);
      const world = { client: deliveries.client, isClosed: () => deliveries.isClosed };
      if (run.work.hand) deliveries.hands.push(run.work.hand(world, run));
      return;
    }
    if (answer !== undefined && !isLater(answer)) run.refusal = `${answer.status} ${answer.text.slice(0, 300)}`;
    if (answer !== undefined) deliveries.putOff++;
    await sleep(AGAIN_AFTER_MS);
  }
}

/** A refusal that promises: try again, nothing was lost. */
export const isLater = ({ status, headers, json }) =>
  status === 503 &&
  Number(headers["retry-after"]) > 0 &&
  headers["content-type"] === "application/problem+json" &&
  json?.retryable === true;

/** Undefined: nobody answered. */
const send = ({ client, keyPrefix }, { n, work }) =>
  client
    .call("POST", `/webhooks/named/${work.name}/trigger`, { n, nap_ms: 200 + (n % 5) * 400 }, { "idempotency-key": `${keyPrefix}-${n}` })
    .catch(() => undefined);

/** How a run is when it has ended, or when it is too late; undefined: nobody told. */
export async function lastWord(client, id, deadline) {
  for (let last; ; await sleep(LOOK_EVERY_MS)) {
    const answer = await client.call("GET", `/runs/${id}`).catch(() => undefined);
    if (answer?.status === 200) last = answer.json;
    if (ENDED.has(last?.status) || Date.now() >= deadline) return last;
  }
}

/** Each accepted run gets its last word (`last`); some are delivered once more. */
async function waitForAll(deliveries, deadline) {
  await Promise.race([Promise.all(deliveries.hands), sleep(Math.max(0, deadline - Date.now()), undefined, { ref: false })]);
  deliveries.isClosed = true;
  const accepted = deliveries.runs.filter(({ id }) => id !== undefined);
  await inParallel(accepted, 8, async (run) => {
    run.last = await lastWord(deliveries.client, run.id, deadline);
    if (run.n % DELIVERED_AGAIN === 0) run.ids.add((await send(deliveries, run))?.json?.run_id);
  });
}
