import { describe, expect, it } from "vitest";
import { AUTH_RECIPES, RECIPES } from "../../generated/recipes.ts";
import { consume } from "../../workers/runner/consume.ts";
import { stepsLane } from "../../workers/runner/io-lane.ts";
import { fakeTransport } from "../support/fake-transport.ts";
import { createTestRunner, deliver, hintFor, settled } from "../support/workerd-runner.ts";
import { planFor, started, TENANT } from "../support/workerd-runs.ts";

const EXAMPLES = Object.values(RECIPES).flatMap((recipe) =>
  recipe.examples.map((example) => ({ id: recipe.canonicalId, recipe, example })),
);
/** The value of each secret: its name, so that the placeholders of an example say what must go out. */
const valueOf = (name: string): string => `value-of-${name}`;
const filled = (text: string): string => text.replaceAll(/\{\{credential\.(\w+)\}\}/g, (_, name: string) => valueOf(name));

describe("a recipe", () => {
  it("is there, with examples", () => {
    expect(EXAMPLES.length).toBeGreaterThan(0);
  });

  it.each(EXAMPLES)("$id sends and answers as its example says: $example.name", async ({ id, recipe, example }) => {
    const { given, request, response } = example;
    const { transport, sent } = fakeTransport(() => Response.json(response?.json ?? {}, { status: response?.status ?? 200 }));
    const { deps } = createTestRunner({ transport });
    const auth = recipe.auth === undefined ? undefined : AUTH_RECIPES[recipe.auth];
    for (const { key } of auth?.requiredSecrets ?? []) await deps.credentials.put(TENANT, key, valueOf(key), auth?.hosts ?? []);
    const name = `recipe ${id} ${example.name}`;
    const { run } = await started(name, planFor({ flow: ["input >> ON_SUCCESS >> call"], config: { call: { component: id, ...given } } }));

    const result = await deliver("arcrun-io", [hintFor(name, "call")], (batch) => consume(batch, stepsLane, deps));

    expect(result).toEqual(settled(["m0"]));
    const headers = Object.entries(request.headers).map(([field, value]) => [field.toLowerCase(), filled(value)]);
    const own = {
      "user-agent": "arcrun",
      [(recipe.idempotencyHeader ?? "idempotency-key").toLowerCase()]: expect.stringMatching(/^[0-9a-f]{48}$/),
    };
    expect(sent.map(({ body, ...rest }) => ({ ...rest, body: body === undefined ? undefined : JSON.parse(body) }))).toEqual([
      {
        url: filled(request.url),
        method: request.method,
        headers: { ...own, ...Object.fromEntries(headers) },
        body: request.body === undefined ? undefined : JSON.parse(filled(JSON.stringify(request.body))),
      },
    ]);
    const view = await run.view({ offset: 0, limit: 10 });
    expect([view?.summary.status, view?.error]).toEqual(["succeeded", null]);
    const output =
      view?.output.kind === "one" ? JSON.parse(await deps.payloads.get(TENANT, view.summary.runId, view.output.output)) : undefined;
    if (response !== undefined) expect(output).toEqual({ success: true, data: example.data });
  });
});
