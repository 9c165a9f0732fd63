import { describe, expect, it } from "vitest";
import { runView, summary } from "../fake-stores.ts";
import { definition, ingress, TRIGGER } from "./fake-ingress.ts";

describe("the trace", () => {
  const long = JSON.stringify({ text: "x".repeat(5000) });
  const step = {
    key: "a",
    node: "a",
    item: [1],
    status: "succeeded",
    attempt: 1,
    component: "set",
    digest: "d",
    startedAt: 0,
    endedAt: 5,
    fuel: 1,
  } as const;
  const steps = [
    {
      ...step,
      input: { json: "1" },
      output: { json: long },
      error: null,
      crashSuspect: false,
      childRuns: ["run_child"],
      events: [{ seq: 2, type: "step.succeeded", at: 5 }],
    },
  ];
  const ofRun = async (query: string) => {
    const { call } = ingress({ view: () => Promise.resolve(runView({ steps, nextOffset: 200 })) });
    return (await call("GET", `/runs/${summary().runId}/trace${query}`)).body;
  };

  it("shows long values by reference, or in full when asked", async () => {
    const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(await ofRun("")).toEqual({
      steps: [
        expect.objectContaining({
          node: "a",
          item: [1],
          started_at: "1970-01-01T00:00:00.000Z",
          duration_ms: 5,
          input: 1,
          output: { ref: expect.stringContaining("/values/"), bytes: long.length, sha256 },
          child_runs: ["run_child"],
          events: [{ seq: 2, type: "step.succeeded", at: "1970-01-01T00:00:00.005Z" }],
        }),
      ],
      next_cursor: "200",
    });
    expect(await ofRun("?full=1")).toMatchObject({ steps: [{ output: JSON.parse(long) }] });
  });
});

describe("events", () => {
  it("are told up to the end of the run, from where the listener left off", async () => {
    const rows = [1, 2, 3].map((seq) => ({ seq, at: seq, type: "step.succeeded", step: "a", detail: { n: seq } }));
    const { call } = ingress({ events: (after) => Promise.resolve({ rows: rows.filter(({ seq }) => seq > after), ended: true }) });
    const { headers, text } = await call("GET", `/runs/${summary().runId}/events`, { headers: { "last-event-id": "1" } });
    expect(headers.get("content-type")).toBe("text/event-stream");
    const event = (seq: number) =>
      `id: ${seq}\nevent: step.succeeded\ndata: {"seq":${seq},"at":"1970-01-01T00:00:00.00${seq}Z","type":"step.succeeded","step":"a","n":${seq}}\n\n`;
    expect(text).toBe(`retry: 1000\n\n${event(2)}${event(3)}`);
  });
});

describe("pushing", () => {
  it("answers all mistakes, the same as trying", async () => {
    const { call } = ingress();
    const bad = { body: definition({ description: "", flow: ["input >> MAYBE >> a"] }) };
    const [refused, tried] = [await call("POST", "/webhooks/named", bad), await call("POST", "/validate", bad)];
    expect([refused.status, refused.body?.code, tried.status, tried.body?.valid]).toEqual([422, "workflow_invalid", 200, false]);
    expect(refused.body?.errors).toEqual(tried.body?.errors);
  });

  it("names the line at which a text stops being YAML", async () => {
    const { status, body } = await ingress().call("POST", "/webhooks/named", {
      body: "name: w\nflow: [ a\nconfig: {}\n",
      type: "application/yaml",
    });
    expect([status, body?.errors]).toEqual([422, [expect.objectContaining({ line: expect.any(Number) })]]);
  });

  it("gives the address that needs no key for a public workflow", async () => {
    const { call } = ingress();
    const urls = [definition(), definition({ trigger: { auth: "public" } })].map(
      async (body) => (await call("POST", "/webhooks/named", { body })).body?.webhook_url,
    );
    expect(await Promise.all(urls)).toEqual([`http://arcrun.test${TRIGGER}`, "http://arcrun.test/webhooks/named/default/w/trigger"]);
  });
});

describe("operations", () => {
  it("health needs no key, numbers are for the operator", async () => {
    const { call } = ingress();
    expect([(await call("GET", "/health", { key: null })).text, (await call("GET", "/metrics", { key: "b" })).status]).toEqual([
      '{"ok":true}',
      403,
    ]);
    const { text } = await call("GET", "/metrics");
    expect(text).toContain('arcrun_steps_total{part="set",outcome="succeeded"} 2\n');
    expect(text).toContain('arcrun_queue_backlog{queue="arcrun-io"} 3\n');
  });

  it("callbacks are passed on, whatever the method", async () => {
    const { call } = ingress();
    const answers = [
      await call("POST", "/workflows/resume/x", { key: null }),
      await call("GET", "/workflows/resume", { key: null }),
      await call("GET", "/approvals/x", { key: null }),
    ];
    expect(answers.map(({ text }) => text)).toEqual([
      "passed on /workflows/resume/x",
      "passed on /workflows/resume",
      "passed on /approvals/x",
    ]);
  });
});

describe("the drawing of a run", () => {
  const { plan } = runView({});
  const node = { key: "a", node: "a", kind: "part", loops: [] };
  const drawn = {
    plan: { ...plan, vertices: [node] } as unknown as typeof plan,
    tally: { vertices: [{ failed: 1 }], edges: [], loops: [] },
  }; // all that is drawn
  const TEXT = ["flowchart TD", '  v0["a"]:::failed', "  classDef failed fill:#ffe3e3,stroke:#c92a2a,color:#000"].join("\n");
  const { call } = ingress({ view: () => Promise.resolve(runView({})), drawing: () => Promise.resolve(drawn) });
  const path = `/runs/${summary().runId}`;

  it("is a text of its own, and goes with the run and its trace when it is asked for", async () => {
    const { status, headers, text } = await call("GET", `${path}/mermaid`);
    expect([status, headers.get("content-type"), text]).toEqual([200, "text/vnd.mermaid; charset=utf-8", `${TEXT}\n`]);
    for (const one of [path, `${path}/trace`]) {
      expect((await call("GET", `${one}?include=mermaid`)).body?.["mermaid"]).toBe(TEXT);
      expect((await call("GET", one)).body).not.toHaveProperty("mermaid");
      expect((await call("GET", `${one}?include=all`)).status).toBe(422);
    }
  });

  it("is not there for others, or for runs that are not there", async () => {
    expect((await call("GET", `${path}/mermaid`, { key: "b" })).status).toBe(404);
    const { call: gone } = ingress({ drawing: () => Promise.resolve(null) });
    expect((await gone("GET", `${path}/mermaid`)).status).toBe(404);
  });
});
