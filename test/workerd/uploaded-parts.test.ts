/** Parts that somebody brings, through the whole engine: uploaded, pinned, loaded, replaced, deleted, with no restart in between. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createEngine } from "../support/engine-harness.ts";
import { answering, upload, uploadSource } from "../support/part-uploads.ts";
import { compileWat, wat } from "../wasm/compile-wat.ts";
import { askingWat } from "../wasm/small-parts.ts";

const engine = createEngine();
const { api } = engine;
beforeAll(() => engine.start(), 60_000);
afterAll(() => engine.server.close());

type Part = { readonly digest: string; readonly created: boolean; readonly code?: string };
type Run = {
  readonly run_id: string;
  readonly status: string;
  readonly data: unknown;
  readonly error: { readonly code: string } | null;
  readonly waiting: readonly { readonly callback_url: string }[];
};
type Tenant = "default" | "other";

const push = (form: FormData, tenant: Tenant = "default") => api<Part>("/parts", { method: "POST", body: form, tenant });
const define = (name: string, flow: readonly string[], config: object, tenant: Tenant = "default") =>
  api<{ version: string }>("/webhooks/named", { method: "POST", body: JSON.stringify({ name, description: "d", flow, config }), tenant });
const run = (name: string, tenant: Tenant = "default") =>
  api<Run>(`/webhooks/named/${name}/trigger?wait=20`, { method: "POST", body: '{"word":"ho"}', tenant });
/** The run, once it is so. */
const runThatIs = (status: string, id: string) =>
  vi.waitFor(async () => {
    const found = await api<Run & { readonly output: unknown }>(`/runs/${id}`);
    expect(found.status).toBe(status);
    return found;
  }, 10_000);
const answer = ({ waiting: [wait] }: Run) =>
  api(new URL(wait?.callback_url ?? "http://nobody-waits").pathname, { method: "POST", body: '{"success":true,"data":{}}' });
const one = (component: string) => [["input >> ON_SUCCESS >> a"], { a: { component } }] as const;

describe("an uploaded part", () => {
  it("runs at once, and its next version at once after it", async () => {
    await push(upload({ name: "quick" }, answering("one")));
    await define("quickly", ...one("quick"));
    expect(await run("quickly")).toMatchObject({ status: "succeeded", data: "one" });
    await push(upload({ name: "quick" }, answering("two")));
    expect(await run("quickly")).toMatchObject({ status: "succeeded", data: "two" });
  });

  it("goes on with the bytes that its run pinned, though it was replaced and deleted while the run waited", async () => {
    const { digest } = await push(upload({ name: "patient" }, answering("old")));
    const config = { ask: { component: "wait_for_callback" }, a: { component: "patient" } };
    await define("patiently", ["input >> ON_SUCCESS >> ask", "ask >> ON_SUCCESS >> a"], config);
    const { run_id: id } = await api<Run>("/webhooks/named/patiently/trigger", { method: "POST", body: "{}" });
    const waiting = await runThatIs("waiting", id);
    await push(upload({ name: "patient" }, answering("new")));
    await api("/parts/patient", { method: "DELETE" });
    await answer(waiting);
    expect(await runThatIs("succeeded", id)).toMatchObject({ output: "old" });
    const { steps } = await api<{ steps: readonly { node: string; part_digest: string }[] }>(`/runs/${id}/trace`);
    expect(steps.find(({ node }) => node === "a")?.part_digest).toBe(digest);
    // A run that begins now has nothing to pin.
    expect(await define("too_late", ...one("patient"))).toMatchObject({ code: "workflow_invalid" });
    const { run_id: late } = await api<Run>("/webhooks/named/patiently/trigger", { method: "POST", body: "{}" });
    await answer(await runThatIs("waiting", late));
    expect(await runThatIs("failed", late)).toMatchObject({ error: { code: "part.not_found" } });
  });

  it("reaches no host but those that its manifest names", async () => {
    const asking = compileWat(askingWat({ call: "http_request", request: { url: "http://127.0.0.1:9/secret" } }));
    const http = { effects: "idempotent", calls: ["http_request"], http: { hosts: ["api.example.com"] } };
    await push(upload({ name: "nosy", ...http }, asking));
    await push(upload({ name: "silent" }, asking));
    await define("nosily", ...one("nosy"));
    await define("silently", ...one("silent"));
    expect(await run("nosily")).toMatchObject({ status: "failed", error: { code: "egress.denied" } });
    expect(await run("silently")).toMatchObject({ status: "failed", error: { code: "part.call_denied" } });
  });

  it("in JavaScript runs at once, is replaced at once, and is told of its own mistakes", async () => {
    await push(uploadSource({ name: "scripted" }, "export default ({ word }) => `one ${word}`;"));
    await define("scriptedly", ...one("scripted"));
    expect(await run("scriptedly")).toMatchObject({ status: "succeeded", data: "one ho" });
    await push(uploadSource({ name: "scripted" }, "export default async () => [typeof fetch, typeof process];"));
    expect(await run("scriptedly")).toMatchObject({ status: "succeeded", data: ["undefined", "undefined"] });
    await push(uploadSource({ name: "scripted" }, "export default ("));
    expect(await run("scriptedly")).toMatchObject({ status: "failed", error: { code: "part.failed" } });
    await push(uploadSource({ name: "scripted", limits: { fuel: 5_000_000 } }, "export default () => { for (;;); };"));
    expect(await run("scriptedly")).toMatchObject({ status: "failed", error: { code: "part.out_of_fuel" } });
  });

  it("in JavaScript reaches no host but those that its manifest names", async () => {
    const source = 'export default async (_, arcrun) => arcrun.http({ url: "http://127.0.0.1:9/secret" });';
    const http = { effects: "idempotent", calls: ["http_request"], http: { hosts: ["api.example.com"] } };
    await push(uploadSource({ name: "nosy_script", ...http }, source));
    await push(uploadSource({ name: "silent_script" }, source));
    await define("nosily_scripted", ...one("nosy_script"));
    await define("silently_scripted", ...one("silent_script"));
    expect(await run("nosily_scripted")).toMatchObject({ status: "failed", error: { code: "egress.denied" } });
    expect(await run("silently_scripted")).toMatchObject({ status: "failed", error: { code: "part.call_denied" } });
  });

  it("that was compiled elsewhere, for the old Arcrun or in Rust, runs as it is", async () => {
    const fixture = (name: string) => readFileSync(`test/fixtures/parts/${name}.wasm`);
    await push(upload({ name: "old" }, fixture("old-part")));
    await push(upload({ name: "rusty" }, fixture("rust-part")));
    await define("as_it_was", ...one("old"));
    await define("rustily", ...one("rusty"));
    expect(await run("as_it_was")).toMatchObject({ status: "succeeded", data: { bytes: 13, arguments: 0, home: null } });
    expect(await run("rustily")).toMatchObject({ status: "succeeded", data: { o: 2, w: 1 } });
  });

  it("that never ends fails its own node, and nobody else waits", async () => {
    await push(upload({ name: "endless", limits: { fuel: 1_000_000 } }, compileWat(wat("", "(loop (br 0))"))));
    await define("endlessly", ...one("endless"));
    expect(await run("endlessly")).toMatchObject({ status: "failed", error: { code: "part.out_of_fuel" } });
  });

  it("of one tenant is another's under the same name", async () => {
    await push(upload({ name: "shared" }, answering("mine")));
    expect(await define("by_other", ...one("shared"), "other")).toMatchObject({ code: "workflow_invalid" });
    await push(upload({ name: "shared" }, answering("theirs")), "other");
    await define("by_me", ...one("shared"));
    await define("by_other", ...one("shared"), "other");
    expect([(await run("by_me")).data, (await run("by_other", "other")).data]).toEqual(["mine", "theirs"]);
  });

  it("is refused by the ingress Worker with the code that says why", async () => {
    const bytes = (text: string) => new TextEncoder().encode(text);
    expect(await push(upload({ name: "bad" }, bytes("no module")))).toMatchObject({ code: "wasm.invalid" });
    expect(await push(upload({ name: "set" }))).toMatchObject({ code: "part_name_taken" });
    const body = '--b\r\nContent-Disposition: form-data; name="wasm"';
    expect(await api("/parts", { method: "POST", body })).toMatchObject({ code: "unsupported_media_type" });
  });
});
