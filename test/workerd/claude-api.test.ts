import { describe, expect, it } from "vitest";
import { consume } from "../../workers/runner/consume.ts";
import { stepsLane } from "../../workers/runner/io-lane.ts";
import { fakeTransport } from "../support/fake-transport.ts";
import { createTestRunner, deliver, hintFor, settled } from "../support/workerd-runner.ts";
import { planFor, started, TENANT } from "../support/workerd-runs.ts";

const KEY = "sk-ant-secret-value";
const MESSAGE = {
  model: "m-1",
  stop_reason: "end_turn",
  usage: { input_tokens: 3, output_tokens: 1 },
  content: [{ type: "text", text: `Hi ${KEY}` }],
};

/** Runs one node with this config against a peer that gives this answer. */
async function ask(name: string, config: Readonly<Record<string, unknown>>, answer: Response, hosts = ["api.anthropic.com"]) {
  const { transport, sent } = fakeTransport(() => answer);
  const { deps } = createTestRunner({ transport });
  await deps.credentials.put(TENANT, "CLAUDE_KEY", KEY, hosts);
  const flow = ["input >> ON_SUCCESS >> ask"];
  const { run } = await started(name, planFor({ flow, config: { ask: { component: "claude_api", prompt: "Say hi", ...config } } }));
  expect(await deliver("arcrun-io", [hintFor(name, "ask")], (batch) => consume(batch, stepsLane, deps))).toEqual(settled(["m0"]));
  const view = await run.view({ offset: 0, limit: 10 });
  const output =
    view?.output.kind === "one" ? JSON.parse(await deps.payloads.get(TENANT, view.summary.runId, view.output.output)) : undefined;
  return { sent, view, output };
}

describe("claude_api", () => {
  const api = { api_key: "{{credential.CLAUDE_KEY}}", model: "m" };

  it("asks the API with the secret in its header, and never shows it", async () => {
    const { sent, view, output } = await ask("claude api", api, Response.json(MESSAGE));
    expect(sent.map(({ body, ...rest }) => ({ ...rest, body: JSON.parse(body ?? "") }))).toEqual([
      {
        url: "https://api.anthropic.com/v1/messages",
        method: "POST",
        headers: {
          "user-agent": "arcrun",
          "content-type": "application/json",
          "idempotency-key": expect.stringMatching(/^[0-9a-f]{48}$/),
          "x-api-key": KEY,
          "anthropic-version": "2023-06-01",
        },
        body: { model: "m", max_tokens: 1024, messages: [{ role: "user", content: "Say hi" }] },
      },
    ]);
    const { content: _, ...told } = MESSAGE;
    expect(output).toEqual({ success: true, data: { ...told, text: expect.stringMatching(/^Hi /) } });
    expect(JSON.stringify([view, output])).not.toContain(KEY);
  });

  it("sends the secret to no host that it was not stored for", async () => {
    const { sent, view } = await ask("claude elsewhere", { ...api, endpoint: "https://other.example/v1/messages" }, Response.json(MESSAGE));
    expect(sent).toEqual([]);
    expect([view?.summary.status, view?.error?.node]).toEqual(["failed", "ask"]);
  });

  it("gives the prompt to a daemon, and waits for its answer", async () => {
    const { sent, view } = await ask(
      "claude daemon",
      { url: "https://daemon.example/ask" },
      Response.json({ task_id: "task_1" }, { status: 202 }),
    );
    expect(sent.map(({ url, body }) => [url, JSON.parse(body ?? "")])).toEqual([
      ["https://daemon.example/ask", { prompt: "Say hi", callback_url: expect.stringMatching(/\/workflows\/resume\/./) }],
    ]);
    expect([view?.summary.status, view?.steps.map(({ key, status }) => [key, status])]).toEqual(["waiting", [["ask", "waiting"]]]);
  });
});
