import { expect, describe, it } from "vitest";
import { runView } from "../fake-stores.ts";
import { definition, pushed, TRIGGER } from "./fake-ingress.ts";

const NEXT = definition({ config: { a: { component: "set", values: { n: 2 } } } });

async function pushedTwice(more: object = {}) {
  const world = await pushed(more, { wait: () => Promise.resolve("running"), view: () => Promise.resolve(runView()) });
  const first = String((await world.call("GET", "/webhooks/named/w/definition")).body?.["version"]);
  await world.call("POST", "/webhooks/named", { body: { ...NEXT, ...more } });
  const second = String((await world.call("GET", "/webhooks/named/w/definition")).body?.["version"]);
  expect(first).not.toBe(second);
  return { ...world, first, second };
}

describe("a version that was pushed before", () => {
  it("is shown and run when it is named, and the newest when none is", async () => {
    const { call, started, first, second } = await pushedTwice();
    expect((await call("GET", `/webhooks/named/w/definition?version=${first}`)).body).toMatchObject({ version: first });
    const answers = [
      await call("POST", `${TRIGGER}?version=${first}`),
      await call("POST", TRIGGER),
      await call("POST", `/webhooks/named/default/w/trigger?version=${first}`),
    ];
    expect(answers.map(({ status, body }) => [status, body?.["version"]])).toEqual([
      [202, first],
      [202, second],
      [202, first],
    ]);
    expect((await call("POST", `/webhooks/named/w/query?version=${first}`)).status).toBe(202);
    expect(started().map(({ plan }) => plan.version)).toEqual([first, second, first, first]);
  });

  it("that nobody pushed is not found, and starts nothing", async () => {
    const { call, started } = await pushedTwice();
    for (const path of [TRIGGER, "/webhooks/named/w/query", "/webhooks/named/default/w/trigger"])
      expect((await call("POST", `${path}?version=${"0".repeat(64)}`)).body).toMatchObject({ status: 404, code: "not_found" });
    expect(started()).toEqual([]);
  });

  it("is not for callers without a key: it may have been replaced for a reason", async () => {
    const { call, started, first } = await pushedTwice({ trigger: { auth: "public" } });
    const answer = await call("POST", `/webhooks/named/default/w/trigger?version=${first}`, { key: null });
    expect([answer.body?.["code"], started()]).toEqual(["forbidden", []]);
  });
});

it("a condition of the start sees what every node sees", async () => {
  const set = { component: "set", values: {} };
  const lines = ['run.workflow == "w" && size(run.id) > 0', 'today == "2026-09-21"', '_year == 2026 && now != ""', "n > 1", "input.n > 2"];
  const nodes = lines.map((_, i) => `n${i}`);
  const { call, started } = await pushed({
    flow: lines.map((condition, i) => `input >> WHEN(${condition}) >> n${i}`),
    config: Object.fromEntries(nodes.map((node) => [node, set])),
  });
  expect((await call("POST", TRIGGER, { body: { n: 2 } })).status).toBe(202);
  expect(started()[0]?.taken).toEqual([0, 1, 2, 3]);
});
