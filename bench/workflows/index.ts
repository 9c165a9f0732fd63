/**
 * The work of the bench on Cloudflare Workflows: as many durable steps, each handing a number on. A step is a closure in this Worker: there is
 * no queue, no sandbox and no template in it.
 *
 *   POST /chains?count=500&hops=10   `count` instances of `hops` steps each; answers `{ ms, spans, endedAt }` when the last one is over
 *   POST /fan?width=100              one step, `width` at once, one step
 *
 * `ms` is from the first `create` to the last end, `endedAt` milliseconds of the epoch; `spans` are what the instances measured themselves, from
 * the first line of `run` to its last.
 */
import { DurableObject, WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from "cloudflare:workers";

type Race = { readonly race: string; readonly hops: number; readonly width: number };
type BenchEnv = { readonly FLOW: Workflow<Race>; readonly FINISH: DurableObjectNamespace<FinishLine> };

/** `create` takes so many instances at once. */
const MAX_BATCH = 100;
const LONGEST_RACE_MS = 100_000;

export class Flow extends WorkflowEntrypoint<BenchEnv, Race> {
  override async run({ payload: { race, hops, width } }: WorkflowEvent<Race>, step: WorkflowStep): Promise<void> {
    const startedAt = Date.now();
    if (width > 0) await fan(step, width);
    else await chain(step, hops);
    await this.env.FINISH.getByName(race).arrive(Date.now() - startedAt);
  }
}

async function chain(step: WorkflowStep, hops: number): Promise<void> {
  let n = 1;
  for (let hop = 0; hop < hops; hop += 1) ({ n } = await step.do(`s${hop}`, async () => ({ n })));
}

async function fan(step: WorkflowStep, width: number): Promise<void> {
  const { n } = await step.do("first", async () => ({ n: 1 }));
  await Promise.all(Array.from({ length: width }, (_, index) => step.do(`s${index}`, async () => ({ n }))));
  await step.do("last", async () => ({ n }));
}

/** Counts arrivals; who waits is told when all are there. */
export class FinishLine extends DurableObject<BenchEnv> {
  readonly #spans: number[] = [];
  #expected = Number.POSITIVE_INFINITY;
  #finish: (() => void) | undefined;

  async waitFor(count: number): Promise<readonly number[]> {
    this.#expected = count;
    if (this.#spans.length < count)
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${this.#spans.length} of ${count} have arrived`)), LONGEST_RACE_MS);
        this.#finish = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    return this.#spans;
  }

  async arrive(span: number): Promise<void> {
    this.#spans.push(span);
    if (this.#spans.length >= this.#expected) this.#finish?.();
  }
}

export default {
  async fetch(request: Request, env: BenchEnv): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const number = (name: string): number => Number(searchParams.get(name) ?? 1);
    if (pathname === "/chains") return race(env, number("count"), { hops: number("hops"), width: 0 });
    if (pathname === "/fan") return race(env, 1, { hops: 0, width: number("width") });
    return new Response("there is nothing here", { status: pathname === "/health" ? 200 : 404 });
  },
};

async function race(env: BenchEnv, count: number, work: Omit<Race, "race">): Promise<Response> {
  const name = crypto.randomUUID();
  const line = env.FINISH.getByName(name);
  const startedAt = Date.now();
  const finished = line.waitFor(count);
  for (let begun = 0; begun < count; begun += MAX_BATCH) {
    const batch = Array.from({ length: Math.min(MAX_BATCH, count - begun) }, () => ({ params: { ...work, race: name } }));
    await env.FLOW.createBatch(batch);
  }
  const spans = await finished;
  const endedAt = Date.now();
  return Response.json({ ms: endedAt - startedAt, spans, endedAt });
}
