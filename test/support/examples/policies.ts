import { expect, vi } from "vitest";
import type { Example, Run } from "./example.ts";

const price = (euros: number): string => `$WORLD/json?body={"price":${euros}}`;

export const POLICY_EXAMPLES: readonly Example[] = [
  { file: "join-settled", input: { north: price(90), south: price(80) }, output: { offer: { north: 90, south: 80 } } },
  {
    file: "join-settled",
    when: "one airline is down",
    input: { north: "$WORLD/status/500", south: price(80) },
    output: { offer: { north: null, south: 80 } },
    steps: { north: "failed", south: "succeeded", offer: "succeeded", note: "succeeded", output: "succeeded" },
  },
  { file: "join-all", input: { days: 2, abroad: true, country: "Norway" }, output: { contract: "Under the law of Norway. Price: 1600" } },
  {
    file: "join-all",
    when: "the customer is not abroad",
    input: { days: 2, abroad: false, country: "" },
    output: null,
    steps: { price: "succeeded", text: "skipped", send: "skipped" },
  },
  {
    file: "join-any",
    input: { near: "$WORLD/status/404", far: '$WORLD/json?body={"size":7}' },
    output: { size: 7 },
    steps: { near: "failed", far: "succeeded", use: "succeeded", ignore: "succeeded", output: "succeeded" },
  },
  {
    file: "join-quorum",
    input: { cake: "Sachertorte", look: 9, smell: 3, taste: 8 },
    output: { winner: "Sachertorte" },
    steps: { taste: "succeeded", eye: "succeeded", nose: "skipped", tongue: "succeeded", prize: "succeeded" },
  },
  { file: "join-quorum", when: "one vote only", input: { cake: "mud", look: 1, smell: 3, taste: 8 }, output: null },
  {
    file: "retry",
    input: { office: "$WORLD/flaky/rates/2" },
    output: { attempts: 3 },
    after: async ({ call, runId }) => expect(attempts(JSON.parse((await call("GET", `/runs/${runId}`)).text))).toMatchObject({ rates: 3 }),
  },
  {
    file: "retry-on",
    input: { form: "$WORLD/status/409" },
    output: { state: "still open elsewhere" },
    after: async ({ call, runId }) => expect(attempts(JSON.parse((await call("GET", `/runs/${runId}`)).text))).toMatchObject({ open: 3 }),
  },
  { file: "retry-on", when: "it is another failure", input: { form: "$WORLD/quiet/form" }, status: "failed", error: "http.status_503" },
  { file: "timeout", input: { printer: "$WORLD/silent" }, output: { printer: "says nothing" } },
  {
    file: "wait-expired",
    input: { table: 4 },
    output: { table: 4, state: "free" },
    steps: { hold: "failed", seat: "skipped", release: "succeeded" },
  },
  { file: "delay", input: { name: "Ada" }, output: { text: "How was it, Ada?" } },
  { file: "concurrency", input: { order: 7, warehouse: "north", stock: "$WORLD/sink/stock" }, output: { order: 7, taken: true } },
  // Without the bot's token nothing is sent, and that is certain.
  { file: "on-unknown", input: { chat: "@clerks", text: "done" }, output: { look_after: "credential.missing" } },
  {
    file: "run-timeout",
    input: { name: "Ada" },
    status: "failed",
    error: "run.timed_out",
    output: null,
    steps: { ask: "cancelled" },
  },
  { file: "run-retention", input: { value: 120 }, output: { high: true } },
  { file: "run-concurrency", input: { customer: "Ada" }, output: { report: "of Ada" } },
  {
    file: "singleton",
    input: { mailbox: "orders" },
    output: { mailbox: "orders" },
    play: async ({ waiting, answer, call, runId }) => {
      const { waiting: waits } = await waiting("callback");
      const second = await call("POST", "/webhooks/named/singleton/trigger", { body: '{"mailbox":"orders"}' });
      expect(JSON.parse(second.text)).toMatchObject({ run_id: runId });
      await answer(waits[0]?.callback_url, { data: {} });
    },
  },
  {
    file: "final-callback",
    input: { text: "one two" },
    query: "?final_callback_url=$WORLD/sink/result",
    output: expect.objectContaining({ words: 2 }),
    after: ({ world, runId }) =>
      vi.waitFor(() => {
        const [sent] = world.seen("/sink/result");
        expect(sent?.json).toMatchObject({ run_id: runId, status: "succeeded", data: { words: 2 } });
        expect(sent?.headers).toMatchObject({ "webhook-id": expect.anything(), "webhook-signature": expect.stringMatching(/^v1,/) });
      }, 10_000),
  },
];

const attempts = ({ trace }: Run): Readonly<Record<string, number>> =>
  Object.fromEntries(trace.map(({ node, attempt }) => [node, attempt]));
