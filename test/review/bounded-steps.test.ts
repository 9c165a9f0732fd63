import { describe, expect, it } from "vitest";
import type { Assignment, RunApi } from "../../shared/run-api.ts";
import type { RunStatus } from "../../shared/model/run.ts";
import { createCounters } from "../../shared/metrics.ts";
import type { RunnerDeps } from "../../workers/runner/deps.ts";
import type { Attempt } from "../../workers/runner/attempt.ts";
import { executeAndSettle } from "../../workers/runner/settle-batch.ts";
import { runTriggerWorkflow } from "../../workers/runner/engine-steps/trigger-workflow.ts";
import { runWaitForWorkflows } from "../../workers/runner/engine-steps/wait-for-workflows.ts";
import { executeStep } from "../../workers/runner/execute-step.ts";
import { HttpRequest } from "../../workers/runner/http-request.ts";
import { NO_OFFERS } from "../../workers/runner/offers.ts";
import { createQuietHosts } from "../../workers/runner/quiet-hosts.ts";
import { sendRequest } from "../../workers/runner/send-request.ts";
import { emptyPlan, fakeCatalogue, fakeHints, fakeRuns, ids, inlinePayloads, runView, summary } from "../workers/fake-stores.ts";

const MIB = 1024 * 1024;

/** Runs that hold as much as this, and say so only when they are looked into. */
function world(status: RunStatus, outputChars = 1) {
  const output = { kind: "one", output: { json: JSON.stringify({ success: true, data: "x".repeat(outputChars) }) } } as const;
  const runs = fakeRuns({
    watch: () => Promise.resolve({ status, life: 0 }),
    view: () => Promise.resolve(runView({ summary: summary({ status }), output })),
    start: (run) => Promise.resolve({ created: true, mismatch: false, version: "v1", summary: summary({ runId: run.runId }), hints: [] }),
  });
  const transported: Headers[] = [];
  const deps = {
    now: () => 1000,
    log: () => undefined,
    publicUrl: "http://arcrun.test",
    ids,
    runs,
    payloads: inlinePayloads,
    hints: fakeHints(),
    catalogue: fakeCatalogue(),
    teller: { tell: () => Promise.resolve() },
    offers: NO_OFFERS,
    quietHosts: createQuietHosts(() => 1000),
    transport: ({ headers }: { headers: Headers }) => Promise.resolve(transported.push(headers) ? new Response("") : new Response("")),
  } as unknown as RunnerDeps; // what these steps do not touch is left out
  return { deps, runs, transported, views: () => runs.calls.filter(({ method }) => method === "view").length };
}

const assignment = (component: string, config: Record<string, unknown> = {}) =>
  ({
    kind: "execute",
    step: "a",
    vertex: { node: "a", kind: "engine", component, config, needs: { input: false, nodes: [] }, mayPause: true, receives: "params" },
    edges: [],
    scope: { input: null, nodes: [], gathered: [], loops: [] },
    run: { id: ids.runId("default", "parent"), tenant: "default", workflow: "w", version: "v1", startedAt: 0, depth: 0 },
    attempt: 1,
    lease: 1,
    generation: 0,
    wait: 0,
    pauses: 0,
    exchanges: [],
    now: 0,
    timeoutMs: 1000,
    resume: null,
    ownRuns: [],
  }) as unknown as Assignment; // a vertex has many fields more
const attempt = (component: string, params: unknown): Attempt => ({
  assignment: assignment(component),
  draft: { fuel: 0, hasBegun: false },
  scope: {},
  params,
  context: () => ({}),
  callbackUrl: "",
  startedAt: 0,
  deadline: 2000,
  firstCall: 0,
});
const runIds = (count: number) => Array.from({ length: count }, (_, i) => ids.runId("default", String(i)));

describe("waiting for other runs", () => {
  it("asks those that go on for their status alone", async () => {
    const { deps, views } = world("running");
    const performed = await runWaitForWorkflows(attempt("wait_for_workflows", { run_ids: runIds(1000) }), deps);
    expect([performed.kind, views()]).toEqual(["paused", 0]);
  });

  it("stops when their outputs are more than an answer may have, instead of holding all of them", async () => {
    const { deps, views } = world("succeeded", 4 * MIB);
    const waited = runWaitForWorkflows(attempt("wait_for_workflows", { run_ids: runIds(1000) }), deps);
    await expect(waited).rejects.toMatchObject({ code: "part.output_too_large" });
    expect(views()).toBe(3);
  });

  it("asks a child that goes on for its status alone", async () => {
    const { deps, views } = world("running");
    const plan = { ...emptyPlan, workflow: "child" };
    await deps.catalogue.push("default", { name: "child", version: "v1", description: "", plan, source: "", format: "json", createdAt: 0 });
    const performed = await runTriggerWorkflow(attempt("trigger_workflow", { workflow_name: "child", input: {}, wait: true }), deps);
    expect([performed.kind, views()]).toEqual(["paused", 0]);
  });
});

it("a batch has few steps at work at once, each of which may hold many megabytes, and settles all of them together", async () => {
  const { deps, runs } = world("running");
  let [now, most] = [0, 0];
  const get = async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setImmediate(resolve));
    now--;
    return "{}";
  };
  const settled: number[] = [];
  const settle: RunApi["settle"] = (outcomes) => {
    settled.push(outcomes.length);
    return Promise.resolve({ hints: [], offers: [], summary: null, deadLetters: [], refused: 0 });
  };
  const batch = Array.from({ length: 100 }, () => ({
    ...assignment("respond"),
    scope: { input: { json: "" }, nodes: [], gathered: [], loops: [] },
  }));
  await executeAndSettle(batch, {
    ...deps,
    payloads: { ...deps.payloads, get },
    runs: { of: (tenant, id) => ({ ...runs.of(tenant, id), settle }) },
    counters: createCounters(),
    flushCounters: () => Promise.resolve(),
  });
  expect([most, settled]).toEqual([4, [100]]);
});

describe("what lies in the log itself", () => {
  it("has a pause of a size that a row can hold", async () => {
    const { deps } = world("running");
    const { result } = await executeStep(assignment("wait_for_callback", { note: "n".repeat(2 * MIB) }), deps);
    expect(result).toMatchObject({ kind: "failed", error: { code: "part.output_too_large", retryable: false } });
  });

  it("has an error of a size that a message can hold", async () => {
    const { deps } = world("running");
    const answer = {
      success: false,
      data: { json: "null" },
      digest: "",
      error: { code: "c".repeat(MIB), message: "m".repeat(MIB), retryable: false, details: "d".repeat(MIB) },
    };
    const resumed = { ...assignment("wait_for_callback"), resume: { kind: "answered", answer } } as Assignment; // as a daemon answered it
    const { result } = await executeStep(resumed, deps);
    expect(JSON.stringify(result.kind === "failed" ? result.error : result).length).toBeLessThan(8192);
  });
});

it.each(["host", "Transfer-Encoding"])("the idempotency key is never sent as the header %s", async (idempotency_header) => {
  const { deps, transported } = world("running");
  const context = { tenant: "default", runId: "r", idempotencyKey: "key", hosts: "any", deadline: 10_000 } as const;
  await sendRequest(HttpRequest.parse({ url: "http://service.test/", idempotency_header }), context, deps);
  expect(transported[0]?.get(idempotency_header)).toBeNull();
  const wrong = sendRequest(HttpRequest.parse({ url: "http://service.test/", idempotency_header: "no header" }), context, deps);
  await expect(wrong).rejects.toMatchObject({ code: "http.invalid_request" });
});
