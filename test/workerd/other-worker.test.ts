/** The three Workers and an owner's own, as their wrangler files have them, with the real queues between them. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { encodeTrigger } from "../../shared/codec.ts";
import { createEngine } from "../support/engine-harness.ts";

const { server, ingress, api, start } = createEngine("examples/other-worker/wrangler.toml");
const desk = server.getWorker("order-desk");

async function query<T>(sql: string): Promise<readonly T[]> {
  const { DB } = await ingress.getEnv();
  return (await DB.prepare(sql).all<T>()).results;
}

const push = (definition: Readonly<Record<string, unknown>>) =>
  api("/webhooks/named", { method: "POST", body: JSON.stringify({ description: "for a test", ...definition }) });
const order = (id: string) => ({
  method: "POST",
  body: JSON.stringify({ id, placed_at: "2026-11-22T08:00:00.000Z", lines: { pen: 2, ink: 1 }, cents: 498 }),
});

beforeAll(async () => {
  await start();
  await push({
    name: "order_received",
    flow: ["input >> ON_SUCCESS >> note"],
    config: { note: { component: "set", values: { lines: "{{input.lines}}", cents: "{{input.cents}}", at: "{{input.placedAt}}" } } },
  });
  await push({
    name: "strict",
    flow: ["input >> ON_SUCCESS >> one"],
    config: { one: { component: "set", values: {} } },
    input: { type: "object", required: ["n"] },
  });
  await push({ name: "patient", flow: ["input >> ON_SUCCESS >> ask"], config: { ask: { component: "wait_for_callback" } } });
}, 60_000);
afterAll(() => server.close());

const NOTED = { lines: { pen: 2, ink: 1 }, cents: 498, at: "2026-11-22T08:00:00.000Z" };
type Run = { readonly status: string; readonly output: unknown };

describe("a message of another Worker", () => {
  it("starts one run that ends, with its Date, Map and BigInt as JSON, however often it is sent", async () => {
    expect((await desk.fetch("http://desk/orders", order("Q-1"))).status).toBe(202);
    expect((await desk.fetch("http://desk/orders", order("Q-1"))).status).toBe(202);
    const runs = await vi.waitFor(async () => {
      const found = await query<{ run_id: string }>("SELECT run_id FROM runs WHERE workflow = 'order_received' AND status = 'succeeded'");
      expect(found).not.toEqual([]);
      return found;
    }, 10_000);
    expect(await api<Run>(`/runs/${runs[0]?.run_id}`)).toMatchObject({ status: "succeeded", output: NOTED });
    await desk.fetch("http://desk/orders", order("Q-2"));
    await vi.waitFor(async () => expect(await query("SELECT run_id FROM runs WHERE workflow = 'order_received'")).toHaveLength(2), 10_000);
    expect(await query("SELECT id FROM dead_letters")).toEqual([]);
  });

  it("that cannot start a run lies on the desk with its reason, and its neighbours start theirs", async () => {
    const { TRIGGERS } = await ingress.getEnv();
    const trigger = (workflow: string, input: unknown) => ({
      body: encodeTrigger({ tenant: "default", workflow, input }),
      contentType: "json" as const,
    });
    const unreadable = { ...encodeTrigger({ tenant: "default", workflow: "strict", input: 1 }), input: "{" };
    await TRIGGERS.sendBatch([
      { body: "nonsense", contentType: "json" },
      trigger("nowhere", {}),
      trigger("strict", { other: 1 }),
      { body: unreadable, contentType: "json" },
      trigger("strict", { n: 1 }),
    ]);
    await vi.waitFor(async () => {
      const letters = await query<{ code: string; workflow: string | null }>(
        "SELECT error ->> '$.code' AS code, workflow FROM dead_letters ORDER BY code, workflow",
      );
      expect(letters).toEqual([
        { code: "message.unreadable", workflow: null },
        { code: "message.unreadable", workflow: "strict" },
        { code: "not_found", workflow: "nowhere" },
        { code: "validation_failed", workflow: "strict" },
      ]);
      expect(await query("SELECT status FROM runs WHERE workflow = 'strict'")).toEqual([{ status: "succeeded" }]);
    }, 10_000);
  });
});

describe("a call of another Worker", () => {
  type Now = { readonly runId: string; readonly replay: boolean; readonly run: Run };
  const now = async (id: string) => (await (await desk.fetch("http://desk/orders/now", order(id))).json()) as Now; // its own answer, asserted below

  it("starts a run and waits for its output", async () => {
    expect(await now("R-1")).toMatchObject({ replay: false, run: { status: "succeeded", output: NOTED } });
  });

  it("finds the run again by its idempotency key, and refuses the key with another body", async () => {
    const rpc = await arcrun();
    const first = await rpc.trigger("strict", { n: 1 }, { idempotencyKey: "same" });
    expect(await rpc.trigger("strict", { n: 1 }, { idempotencyKey: "same" })).toMatchObject({ runId: first.runId, replay: true });
    await expect((async () => rpc.trigger("strict", { n: 2 }, { idempotencyKey: "same" }))()).rejects.toThrow("another body");
    expect((await rpc.trigger("strict", { n: 1 }, { idempotencyKey: "other" })).runId).not.toBe(first.runId);
  });

  it("cancels a run that waits, once, and knows no run of anybody else", async () => {
    const { runId } = await (await arcrun()).trigger("patient", {});
    const ask = async (method: string, id: string) => (await desk.fetch(`http://desk/runs/${id}`, { method })).json();
    expect([await ask("DELETE", runId), await ask("DELETE", runId)]).toEqual([{ cancelled: true }, { cancelled: false }]);
    expect(await ask("GET", runId)).toMatchObject({ status: "cancelled" });
    expect([await ask("GET", `run_${"0".repeat(44)}`), await ask("DELETE", "run_x")]).toEqual([null, { cancelled: false }]);
  });
});

type Rpc = {
  trigger(
    workflow: string,
    input: unknown,
    options?: { readonly idempotencyKey?: string },
  ): Promise<{ readonly runId: string; readonly replay: boolean }>;
};
async function arcrun(): Promise<Rpc> {
  const { ARCRUN } = await server.getWorker<{ readonly ARCRUN: Rpc }>("order-desk").getEnv();
  return ARCRUN;
}
