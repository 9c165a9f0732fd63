/**
 * A ping-pong of queue messages: what the platform itself costs. A message forwards itself until its hops are over, then it arrives
 * at the finish line. No claim, no settle, no part, no row: an engine on the same queues can only be slower.
 *
 *   POST /chains?count=500&hops=10   `count` messages of `hops` hops each; answers `{ ms, endedAt }` when the last one has arrived
 *   POST /fan?width=100              one message → `width` messages → one message; answers the same
 */
import { DurableObject } from "cloudflare:workers";

/** `width`: at its last hop the message splits into so many, whose last arrival sends one more message. */
type Hop = { readonly race: string; readonly hops: number; readonly width: number };
type FloorEnv = { readonly HOPS: Queue; readonly FINISH: DurableObjectNamespace<FinishLine> };

const MAX_BATCH = 100;
const LONGEST_RACE_MS = 60_000;

/** Counts arrivals; those who wait are told when all are there. */
export class FinishLine extends DurableObject<FloorEnv> {
  #arrived = 0;
  #expected = Number.POSITIVE_INFINITY;
  #finish: (() => void) | undefined;

  /** Resolves when `count` messages have arrived; rejects after a minute. */
  async waitFor(count: number): Promise<void> {
    this.#expected = count;
    if (this.#arrived >= count) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${this.#arrived} of ${count} messages arrived`)), LONGEST_RACE_MS);
      this.#finish = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** How many have arrived now. */
  async arrive(count: number): Promise<number> {
    this.#arrived += count;
    if (this.#arrived >= this.#expected) this.#finish?.();
    return this.#arrived;
  }
}

export default {
  async fetch(request: Request, env: FloorEnv): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const number = (name: string): number => Number(searchParams.get(name) ?? 1);
    if (pathname === "/chains") return race(env, number("count"), { hops: number("hops"), width: 0 });
    if (pathname === "/fan") return race(env, 1, { hops: 1, width: number("width") });
    return new Response("there is nothing here", { status: pathname === "/health" ? 200 : 404 });
  },

  async queue(batch: MessageBatch<Hop>, env: FloorEnv): Promise<void> {
    const hops = batch.messages.map(({ body }) => body);
    const onward = hops.filter(({ hops: left }) => left > 1).map((hop) => ({ ...hop, hops: hop.hops - 1 }));
    const split = hops.filter(({ hops: left, width }) => left === 1 && width > 0);
    const branches = split.flatMap(({ race: name, width }) => Array.from({ length: width }, () => ({ race: name, hops: 0, width })));
    const joins = await arriveAll(hops, env);
    // One message, one send: a ping-pong. To send many in one call is what an engine may gain.
    await Promise.all([...onward, ...branches, ...joins].map((hop) => env.HOPS.send(hop, { contentType: "json" })));
    batch.ackAll();
  },
};

async function race(env: FloorEnv, count: number, { hops, width }: { readonly hops: number; readonly width: number }): Promise<Response> {
  const name = crypto.randomUUID();
  const line = env.FINISH.getByName(name);
  await line.arrive(0); // the object is there before the clock runs, as the run object is
  const startedAt = Date.now();
  const finished = line.waitFor(width > 0 ? width + 1 : count);
  await sendAll(
    env.HOPS,
    Array.from({ length: count }, () => ({ race: name, hops, width })),
  );
  await finished;
  const endedAt = Date.now();
  return Response.json({ ms: endedAt - startedAt, endedAt });
}

/** One call for each race of the batch. Returns the messages that join branches whose last one has just arrived. */
async function arriveAll(hops: readonly Hop[], env: FloorEnv): Promise<Hop[]> {
  const last = hops.filter(({ hops: left, width }) => left === 0 || (left === 1 && width === 0));
  const joins: Hop[] = [];
  for (const [name, arrived] of Map.groupBy(last, (hop) => hop.race)) {
    const total = await env.FINISH.getByName(name).arrive(arrived.length);
    const width = arrived[0]?.width ?? 0;
    if (total === width) joins.push({ race: name, hops: 1, width: 0 });
  }
  return joins;
}

async function sendAll(queue: Queue, hops: readonly Hop[]): Promise<void> {
  for (let i = 0; i < hops.length; i += MAX_BATCH) {
    await queue.sendBatch(hops.slice(i, i + MAX_BATCH).map((body) => ({ body, contentType: "json" })));
  }
}
