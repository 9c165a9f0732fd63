import { createHmac } from "node:crypto";
import { expect } from "vitest";
import type { Example } from "./example.ts";

const HOOK_SECRET = "it's a secret between us";
const PUSH = JSON.stringify({ ref: "refs/heads/main", pusher: { name: "Ada" } });
const put = (value: string, hosts: readonly string[] = []) => ({ body: JSON.stringify({ value, hosts }) });

export const WAITING_EXAMPLES: readonly Example[] = [
  { file: "wait", input: { rest: "100ms" }, output: { rested: true } },
  {
    file: "wait-for-callback",
    input: { parcel: "P-1" },
    output: { text: "Parcel P-1, taken by Kim" },
    play: async ({ waiting, answer }) => {
      const { waiting: waits } = await waiting("callback");
      expect(waits).toMatchObject([{ node: "delivered", note: "parcel P-1" }]);
      expect(await answer(waits[0]?.callback_url, { data: { signed: "?" } })).toBe(422);
      expect(await answer(waits[0]?.callback_url, { data: { signed_by: "Kim" } })).toBe(200);
    },
  },
  {
    file: "daemon-task",
    input: { daemon: "$WORLD/tasks", text: "a long text" },
    output: { words: 3 },
    play: async ({ waiting, answer, world }) => {
      const { waiting: waits } = await waiting("callback");
      const order = world.seen("/tasks").at(-1)?.json;
      expect([waits[0]?.task_id, order]).toEqual([
        expect.stringMatching(/^task_/),
        expect.objectContaining({ task: { text: "a long text" } }),
      ]);
      expect(await answer(waits[0]?.callback_url, { task_id: waits[0]?.task_id, success: true, data: { words: 3 } })).toBe(200);
    },
  },
  {
    file: "daemon-task",
    when: "the daemon fails",
    input: { daemon: "$WORLD/tasks", text: "a long text" },
    output: { problem: "stuck" },
    play: async ({ waiting, answer }) => {
      const { waiting: waits } = await waiting("callback");
      await answer(waits[0]?.callback_url, { success: false, error: { code: "paper.jam", message: "stuck" } });
    },
  },
  {
    file: "approval",
    input: { name: "Ada", days: 3 },
    output: { text: "Enjoy your days, Ada!" },
    play: async ({ waiting, answer }) => {
      const { waiting: waits } = await waiting("approval");
      expect(await answer(waits[0]?.callback_url, { data: { approved: true, by: "Kim", answers: {} } })).toBe(200);
    },
  },
  { file: "poll-task", input: { job: "$WORLD/jobs/book/2" }, output: { pages: 12 } },
  {
    file: "poll-task",
    when: "it is lost",
    input: { job: '$WORLD/json?body={"state":"lost"}' },
    output: { problem: 'fail_when is true: json.state == "lost"' },
  },
  { file: "research", input: { about: "why is the sky blue" }, output: expect.objectContaining({ words: 5 }) },
  { file: "trigger-workflow", also: ["research"], input: { question: "why is the sky blue" }, output: { words: 5 } },
  { file: "wait-for-workflows", also: ["research"], input: { first: "one two", second: "three" }, output: { words: [2, 1] } },
  {
    file: "respond",
    input: { name: "Ada" },
    output: { status: 200, headers: { "content-type": "text/plain" }, body: "Hello, Ada!" },
    after: async ({ call }) => {
      const trigger = (name: string) => call("POST", "/webhooks/named/respond/trigger?wait=20", { body: JSON.stringify({ name }) });
      const [answer, refusal] = [await trigger("Ada"), await trigger("")];
      expect([answer.status, answer.headers.get("content-type"), answer.text]).toEqual([200, "text/plain", "Hello, Ada!"]);
      expect([refusal.status, JSON.parse(refusal.text)]).toEqual([422, { problem: "a name is needed" }]);
    },
  },
  {
    file: "trigger-public",
    input: {},
    output: { from: "ada@example.com", text: "Hello" },
    start: async ({ call }) => {
      const send = (body: string) => call("POST", "/webhooks/named/default/trigger-public/trigger", { body, key: false });
      expect((await send('{"email":"nobody"}')).status).toBe(422);
      const { status, text } = await send('{"email":"ada@example.com","text":"Hello"}');
      expect(status).toBe(202);
      return JSON.parse(text).run_id;
    },
  },
  {
    file: "trigger-signed",
    warnings: ["trigger.secret_missing"],
    input: {},
    output: { text: "Ada pushed to refs/heads/main" },
    before: ({ call }) => call("PUT", "/credentials/GITHUB_HOOK", put(HOOK_SECRET)),
    start: async ({ call }) => {
      const deliver = (secret: string) => {
        const signature = `sha256=${createHmac("sha256", secret).update(PUSH).digest("hex")}`;
        const headers = { "x-hub-signature-256": signature, "x-github-delivery": "d-1" };
        return call("POST", "/webhooks/named/default/trigger-signed/trigger", { body: PUSH, key: false, headers });
      };
      expect((await deliver("another")).status).toBe(401);
      const [first, again] = [await deliver(HOOK_SECRET), await deliver(HOOK_SECRET)];
      expect([first.status, JSON.parse(again.text).run_id]).toEqual([202, JSON.parse(first.text).run_id]);
      return JSON.parse(first.text).run_id;
    },
  },
  {
    file: "credential",
    input: { stock: "$WORLD/echo" },
    output: { status: 200 },
    before: ({ call, world }) => call("PUT", "/credentials/STOCK_KEY", put("k-123-secret", [new URL(world.url).host])),
    after: async ({ world, call, runId }) => {
      expect(world.seen("/echo").at(-1)?.headers.authorization).toBe("Bearer k-123-secret");
      expect((await call("GET", `/runs/${runId}`)).text).not.toContain("k-123-secret");
    },
  },
  { file: "schedule", input: { team: "bakery" }, output: { text: "Plan for the bakery team" } },
];
