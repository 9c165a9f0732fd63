/** What is told at the end of a run, by its real object. The signature is checked by the library that receivers use. */
import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Webhook } from "standardwebhooks";
import { executeAndSettle } from "../../workers/runner/settle-batch.ts";
import { fakeTransport } from "../support/fake-transport.ts";
import { broken, type NetworkAnswer, networkRun } from "../support/workerd-network-run.ts";
import { createTestRunner } from "../support/workerd-runner.ts";
import { alarmOf, claimed, ids, planFor, runIdOf, started, stopClock, TENANT } from "../support/workerd-runs.ts";
import { drainQueues } from "../support/workerd-tap.ts";

let pass: (ms: number) => void;
beforeEach(() => {
  pass = stopClock();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the final callback", () => {
  const EPILOGUE = "$final_callback";
  const plan = planFor({
    flow: ["input >> ON_SUCCESS >> a"],
    config: { a: { component: "set", values: { n: 1 } } },
    policy: { run: { final_callback: "https://example.com/hook" } },
  });
  const ok: NetworkAnswer = () => new Response("thanks");
  const secret = `whsec_${Buffer.from(ids.signingKey(TENANT)).toString("base64")}`;

  it("is signed as Standard Webhooks has it, each attempt anew under one id", async () => {
    const { go, sent } = await networkRun("signed", plan, () => new Response("", { status: 500 }), ok);
    await go("a");
    await go(EPILOGUE);
    pass(120_000);
    await go(EPILOGUE);
    expect(sent.map(({ url, method }) => `${method} ${url}`)).toEqual(["POST https://example.com/hook", "POST https://example.com/hook"]);
    const [first, second] = sent;
    const told = { run_id: runIdOf("signed"), workflow: "sample", status: "succeeded", data: { n: 1 } };
    expect(new Webhook(secret).verify(second?.body ?? "", { ...second?.headers })).toEqual(told);
    expect(() => new Webhook(secret).verify(`${second?.body} `, { ...second?.headers })).toThrow("No matching signature");
    const field = (name: string) => [first?.headers[name] === second?.headers[name], first?.headers[name] !== undefined];
    expect([field("webhook-id"), field("webhook-timestamp"), field("webhook-signature")]).toEqual([
      [true, true],
      [false, true],
      [false, true],
    ]);
  });

  it("is sent again for about a day, and then lies on the desk", async () => {
    const { run, stub, go, sent, deps, step } = await networkRun("a day", plan, () => new Response("", { status: 500 }));
    await go("a");
    const begin = Date.now();
    for (let looks = 0; looks < 200 && (await step(EPILOGUE))?.status !== "failed"; looks++) {
      const [reply] = await run.claim([EPILOGUE]);
      if (reply?.kind === "execute") await executeAndSettle([reply], deps);
      if ((await step(EPILOGUE))?.status === "failed") break;
      pass(Math.max(0, ((await alarmOf(stub)) ?? 0) - Date.now()));
      await runDurableObjectAlarm(stub);
    }
    expect(sent).toHaveLength(42);
    const hours = (Date.now() - begin) / 3_600_000;
    expect([hours > 18, hours < 34, await run.wait(0)]).toEqual([true, true, "succeeded"]);
    const letters = (await drainQueues()).filter(({ queue }) => queue === "arcrun-dead-letters");
    expect(letters.map(({ body }) => body)).toMatchObject([{ kind: "step", letter: { runId: runIdOf("a day"), step: EPILOGUE } }]);
  });

  it.each<[string, NetworkAnswer, string]>([
    ["410 is given up", () => new Response("", { status: 410 }), "failed"],
    [
      "a redirect is not followed",
      () => new Response(null, { status: 302, headers: { location: "https://example.com/other" } }),
      "retrying",
    ],
    ["404 is tried again", () => new Response("", { status: 404 }), "retrying"],
    ["no connection is tried again", broken, "retrying"],
  ])("that is answered: %s", async (name, reply, status) => {
    const { go, sent, step } = await networkRun(`final ${name}`, plan, reply, ok);
    await go("a");
    await go(EPILOGUE);
    expect([(await step(EPILOGUE))?.status, sent.length]).toEqual([status, 1]);
  });

  it("obeys Retry-After", async () => {
    const { run, go } = await networkRun(
      "final later",
      plan,
      () => new Response("", { status: 429, headers: { "retry-after": "7200" } }),
      ok,
    );
    await go("a");
    await go(EPILOGUE);
    pass(7_199_999);
    expect(await run.claim([EPILOGUE])).toMatchObject([{ kind: "skip" }]);
    pass(1);
    expect(await run.claim([EPILOGUE])).toMatchObject([{ kind: "execute" }]);
  });

  it("goes to the address that the one who started the run named", async () => {
    const { transport, sent } = fakeTransport(ok);
    const { deps } = createTestRunner({ transport });
    const { run } = await started("named", plan, { finalCallback: "https://example.com/mine" });
    for (const step of ["a", EPILOGUE]) await executeAndSettle([await claimed(run, step)], deps);
    expect(sent.map(({ url }) => url)).toEqual(["https://example.com/mine"]);
  });
});
