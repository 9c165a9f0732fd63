/**
 * How a Worker of yours starts runs of Arcrun. There are two ways, and this one uses both.
 *
 * 1. A message, when nobody waits: `env.TRIGGERS.send(encodeTrigger({ tenant, workflow, input, idempotencyKey }))` through a producer
 *    binding on the queue `arcrun-triggers`. It works while Arcrun is busy or being deployed. Dates, Maps, Sets and BigInts in the
 *    input arrive as JSON (ISO text, objects, lists, numbers). A message that cannot start a run lies on the dead-letter desk.
 * 2. A call, when somebody waits: `env.ARCRUN` is a service binding to the entrypoint `Arcrun`, with the methods
 *    `trigger(workflow, input, { idempotencyKey })`, `run(id)`, `wait(id, seconds)` and `cancel(id, reason)`. No key, no HTTP.
 *
 * With an idempotency key the same delivery is one run, however often it comes; so its input must be the same, too (a `new Date()` of
 * the moment is not). Keys of messages and of calls are apart.
 *
 * To try it: push a workflow named `order_received`, then deploy this folder to the account that has Arcrun:
 *   npx wrangler deploy -c examples/other-worker/wrangler.toml
 *   curl -d '{"id":"A-1","placed_at":"2026-11-22T08:00:00Z","lines":{"pen":2},"cents":498}' https://order-desk.<your subdomain>.workers.dev/orders
 * A copy in another repository needs `shared/codec.ts`, `shared/message.ts` and the type of the entrypoint.
 */
import { encodeTrigger } from "../../shared/codec.ts";
import type { Arcrun } from "../../workers/ingress/entrypoint.ts";

type Env = { readonly TRIGGERS: Queue; readonly ARCRUN: Service<typeof Arcrun> };
type Order = { readonly id: string; readonly placed_at: string; readonly lines: Readonly<Record<string, number>>; readonly cents: number };

const WORKFLOW = "order_received";
const WAIT_SECONDS = 20;

/** `POST /orders`: leaves the order and goes. `POST /orders/now`: waits for what becomes of it. `GET`, `DELETE /runs/<id>`. */
export default {
  async fetch(request, env) {
    const [, area, name] = new URL(request.url).pathname.split("/");
    switch (`${request.method} ${area}`) {
      case "POST orders":
        return name === "now" ? startAndWait(env, await request.json()) : leaveMessage(env, await request.json());
      case "GET runs":
        return Response.json(await env.ARCRUN.run(name ?? ""));
      case "DELETE runs":
        return Response.json({ cancelled: await env.ARCRUN.cancel(name ?? "", "the customer called") });
      default:
        return new Response("POST /orders, POST /orders/now, GET or DELETE /runs/<id>\n", { status: 404 });
    }
  },
} satisfies ExportedHandler<Env>;

/** What a program has at hand: a Date, a Map, a BigInt. */
const inputOf = ({ placed_at, lines, cents }: Order) => ({
  placedAt: new Date(placed_at),
  lines: new Map(Object.entries(lines)),
  cents: BigInt(cents),
});

async function leaveMessage(env: Env, order: Order): Promise<Response> {
  const message = encodeTrigger({ tenant: "default", workflow: WORKFLOW, input: inputOf(order), idempotencyKey: order.id });
  await env.TRIGGERS.send(message, { contentType: "json" });
  return Response.json({ left: order.id }, { status: 202 });
}

async function startAndWait(env: Env, order: Order): Promise<Response> {
  const { runId, replay } = await env.ARCRUN.trigger(WORKFLOW, inputOf(order), { idempotencyKey: order.id });
  const run = await env.ARCRUN.wait(runId, WAIT_SECONDS);
  return Response.json({ runId, replay, run });
}
