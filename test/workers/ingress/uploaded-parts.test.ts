import { describe, expect, it } from "vitest";
import { MAX_PART_MANIFEST_BYTES, MAX_PART_MODULE_BYTES } from "../../../shared/model/limits.ts";
import { answering, fileOf, upload } from "../../support/part-uploads.ts";
import { compileWat, wat } from "../../wasm/compile-wat.ts";
import { runView } from "../fake-stores.ts";
import { definition, ingress, type Sent, TRIGGER } from "./fake-ingress.ts";

const HTTP = { effects: "idempotent", calls: ["http_request"], http: { hosts: ["api.example.com"] } };
const using = (component: string) => definition({ config: { a: { component, word: "x" } } });
const digestOf = ({ body }: { body: Record<string, unknown> | null }): string => String(body?.["digest"]);

/** An ingress whose owner has pushed this part. */
async function withPart(form = upload()) {
  const world = ingress({ wait: () => Promise.resolve("running"), view: () => Promise.resolve(runView()) });
  const answer = await world.call("POST", "/parts", { body: form });
  expect([answer.status, answer.body?.["success"]]).toEqual([201, true]);
  return { ...world, digest: digestOf(answer) };
}

describe("pushing a part", () => {
  it("stores its metered bytes and manifest by digest, and points the name at them", async () => {
    const { call, laid, deps } = ingress();
    const { status, body } = await call("POST", "/parts", { body: upload() });
    expect([status, body]).toEqual([
      201,
      {
        success: true,
        name: "greeter",
        version: "1.0.0",
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        created: true,
        module_bytes: expect.any(Number),
        warnings: [],
      },
    ]);
    const [[digest, stored] = ["", undefined]] = laid;
    expect(body).toMatchObject({ digest, module_bytes: stored?.bytes });
    expect(stored).toMatchObject({ module: expect.stringMatching(/^[0-9a-f]{64}$/), manifest: { name: "greeter", digest, httpHosts: [] } });
    expect(await deps.uploadedParts.list("default")).toEqual([{ manifest: stored?.manifest, createdAt: deps.now() }]);
  });

  it("a second time changes nothing, and another module or another manifest is another version", async () => {
    const { call, laid, digest } = await withPart();
    const again = await call("POST", "/parts", { body: upload() });
    expect([again.status, again.body]).toMatchObject([200, { created: false, digest }]);
    const others = [upload({}, answering("bye")), upload({ limits: { fuel: 5 } }), upload({ version: "1.0.1" })];
    const pushed = [];
    for (const body of others) pushed.push(await call("POST", "/parts", { body }));
    expect(pushed.map(({ status, body }) => [status, body?.["created"]])).toEqual([
      [201, true],
      [201, true],
      [201, true],
    ]);
    expect([...laid.keys()]).toEqual([digest, ...pushed.map(digestOf)]);
    // Only one of them has other bytes.
    expect(new Set([...laid.values()].map(({ module }) => module)).size).toBe(2);
  });

  it("takes the manifest as a file and as YAML", async () => {
    const form = upload();
    const yaml = "name: greeter\nsummary: s\ncategory: c\nversion: 1.0.0\neffects: pure\ninput: {}\noutput: {}\n";
    form.set("manifest", new Blob([yaml]), "part.yaml");
    expect((await ingress().call("POST", "/parts", { body: form })).body).toMatchObject({ name: "greeter", created: true });
  });

  it("with another contract warns that workflows have to be pushed again", async () => {
    const { call } = await withPart();
    const { body } = await call("POST", "/parts", { body: upload(HTTP) });
    expect(body?.["warnings"]).toEqual([
      { pointer: "/manifest", code: "part.contract_changed", detail: expect.stringContaining("idempotent io") },
    ]);
  });
});

const without = (field: string) => {
  const form = upload();
  form.delete(field);
  return form;
};
const withFile = (field: string, bytes: Uint8Array) => {
  const form = upload();
  form.set(field, fileOf(bytes), field);
  return form;
};
const twice = () => {
  const form = upload();
  form.append("wasm", fileOf(answering("bye")), "b.wasm");
  return form;
};
const text = (content: string) => compileWat(content);
const simd = text(wat("(func (param v128) (result v128) (local.get 0))"));
const foreign = text('(module (import "env" "shell" (func)) (memory (export "memory") 1) (func (export "_start")))');
const dropping = text(wat("", "(drop (i32.const 0))"));
// What is dropped becomes two instructions that do nothing.
const illTyped = dropping
  .slice()
  .fill(0x01, Buffer.from(dropping).indexOf("41001a", "hex"), Buffer.from(dropping).indexOf("41001a", "hex") + 2);

describe("a push that is refused", () => {
  it.each<[string, number, string, Sent, (string | RegExp)?]>([
    ["without the scope deploy", 403, "forbidden", { key: "read", body: upload() }],
    ["as JSON", 415, "unsupported_media_type", { body: {} }],
    ["without a boundary", 400, "multipart_invalid", { body: "x", type: "multipart/form-data" }],
    ["cut off", 400, "multipart_invalid", { body: "--b\r\nContent-Disp", type: "multipart/form-data; boundary=b" }],
    ["without a manifest", 422, "validation_failed", { body: without("manifest") }, "/manifest"],
    ["without a module", 422, "validation_failed", { body: without("wasm") }, "/wasm"],
    ["with two modules", 422, "validation_failed", { body: twice() }, "/wasm"],
    ["with an empty module", 422, "validation_failed", { body: withFile("wasm", new Uint8Array()) }, "/wasm"],
    [
      "with a manifest that is too long",
      422,
      "validation_failed",
      { body: withFile("manifest", new Uint8Array(MAX_PART_MANIFEST_BYTES + 1)) },
      "/manifest",
    ],
    ["with a manifest that is not UTF-8", 400, "utf8_invalid", { body: withFile("manifest", Uint8Array.of(0xff, 0xfe)) }],
    ["with a wrong manifest", 422, "part_invalid", { body: upload({ effects: "none" }) }, "/manifest/effects"],
    ["under the name of a built-in part", 409, "part_name_taken", { body: upload({ name: "http_request", ...HTTP }) }, "/manifest/name"],
    ["under the name of a recipe", 409, "part_name_taken", { body: upload({ name: "telegram_send" }) }, "/manifest/name"],
    ["under the name of the engine's own", 409, "part_name_taken", { body: upload({ name: "wait" }) }, "/manifest/name"],
    ["with text for a module", 422, "wasm.invalid", { body: withFile("wasm", new TextEncoder().encode("not a module")) }],
    ["with half a module", 422, "wasm.invalid", { body: withFile("wasm", answering("x").slice(0, 60)) }],
    ["with types that do not fit", 422, "wasm.invalid", { body: withFile("wasm", illTyped) }, /types do not fit/],
    ["with an import of its own", 422, "wasm.import_denied", { body: withFile("wasm", foreign) }, /"env.shell"/],
    ["with SIMD", 422, "wasm.feature_denied", { body: withFile("wasm", simd) }, /SIMD/],
    [
      "with more memory than it may have",
      422,
      "wasm.memory",
      { body: upload({ limits: { memory_mib: 1 } }, text('(module (memory (export "memory") 17) (func (export "_start")))')) },
    ],
    [
      "with more bytes than a module may have",
      422,
      "wasm.too_large",
      { body: withFile("wasm", new Uint8Array(MAX_PART_MODULE_BYTES + 1)) },
      /8388608 bytes, this one has 8388609/,
    ],
    [
      "with more bytes than a body may have",
      413,
      "payload_too_large",
      { body: withFile("wasm", new Uint8Array(MAX_PART_MODULE_BYTES + 2 ** 20)) },
    ],
  ])("%s", async (_, status, code, sent, told) => {
    const { call, laid, deps } = ingress();
    const answer = await call("POST", "/parts", sent);
    expect([answer.status, answer.body?.["code"]]).toEqual([status, code]);
    if (typeof told === "string") expect(answer.body?.["errors"]).toEqual([expect.objectContaining({ pointer: told })]);
    if (told instanceof RegExp) expect(answer.body?.["detail"]).toMatch(told);
    expect([laid.size, await deps.uploadedParts.list("default")]).toEqual([0, []]);
  });
});

describe("a workflow that names an uploaded part", () => {
  const push = (world: ReturnType<typeof ingress>, body: unknown, key = "owner") => world.call("POST", "/webhooks/named", { body, key });

  it("takes its effects, lane and time from the manifest, and pins its newest bytes at each start", async () => {
    const world = await withPart(upload({ ...HTTP, receives: "context", limits: { timeout: "7s" } }));
    expect((await push(world, using("greeter"))).status).toBe(201);
    await world.call("POST", TRIGGER, { body: {} });
    const second = digestOf(await world.call("POST", "/parts", { body: upload({ ...HTTP, receives: "context" }, answering("second")) }));
    await world.call("POST", TRIGGER, { body: {} });
    const [first, next] = world.started();
    expect(first?.plan.vertices.find(({ key }) => key === "a")).toMatchObject({
      kind: "part",
      component: "greeter",
      uploaded: true,
      receives: "context",
      effects: "idempotent",
      lane: "io",
      timeoutMs: 7000,
    });
    expect([first?.digests, next?.digests]).toEqual([{ greeter: world.digest }, { greeter: second }]);
  });

  it("keeps the contract that it was compiled for, until it is pushed again", async () => {
    const world = await withPart();
    const before = (await push(world, using("greeter"))).body;
    const once = digestOf(await world.call("POST", "/parts", { body: upload({ effects: "once" }) }));
    await world.call("POST", TRIGGER, { body: {} });
    const after = (await push(world, using("greeter"))).body;
    expect([before?.["version"] === after?.["version"], after?.["created"]]).toEqual([false, true]);
    await world.call("POST", TRIGGER, { body: {} });
    expect(world.started().map(({ plan, digests }) => [plan.vertices.at(-1)?.effects, digests])).toEqual([
      ["pure", { greeter: world.digest }],
      ["once", { greeter: once }],
    ]);
  });

  it("is refused to another tenant, as if the part did not exist", async () => {
    const world = await withPart();
    const answers = [await push(world, using("greeter"), "b"), await push(ingress(), using("greeter"))];
    for (const { status, body } of answers)
      expect([status, body?.["errors"]]).toEqual([422, [expect.objectContaining({ code: "config.unknown_component" })]]);
    expect(answers[0]?.body?.["errors"]).toEqual(answers[1]?.body?.["errors"]);
  });

  it("is told the name that it may have meant", async () => {
    const { body } = await push(await withPart(), using("greetr"));
    expect(body?.["errors"]).toMatchObject([{ code: "config.unknown_component", detail: expect.stringContaining("greeter") }]);
  });

  it("may be tried, and run without being stored", async () => {
    const { call, started, digest } = await withPart();
    expect((await call("POST", "/validate", { body: using("greeter") })).body).toMatchObject({ valid: true });
    await call("POST", "/cypher/execute", { body: { triplets: ["input >> ON_SUCCESS >> a"], config: { a: { component: "greeter" } } } });
    expect(started().map(({ digests }) => digests)).toEqual([{ greeter: digest }]);
  });

  it("asks the database of built-in parts nothing", async () => {
    const world = ingress();
    const asked = () => expect.unreachable("the uploaded parts were asked");
    Object.assign(world.deps.uploadedParts, { newest: asked, names: asked, digests: asked });
    expect((await push(world, using("set"))).status).toBe(201);
    expect((await world.call("POST", TRIGGER, { body: {} })).status).toBe(202);
  });
});

describe("deleting a part", () => {
  it("takes the name away, for its tenant only, and leaves the bytes to the runs that have pinned them", async () => {
    const { call, laid, started, digest } = await withPart();
    await call("POST", "/webhooks/named", { body: using("greeter") });
    const missing = await call("DELETE", "/parts/greeter", { key: "b" });
    expect([missing.status, (await call("DELETE", "/parts/set")).status]).toEqual([404, 404]);
    expect((await call("DELETE", "/parts/greeter")).body).toEqual({ success: true, name: "greeter" });
    expect([(await call("DELETE", "/parts/greeter")).status, [...laid.keys()]]).toEqual([404, [digest]]);
    expect((await call("POST", "/validate", { body: using("greeter") })).body).toMatchObject({ valid: false });
    expect((await call("POST", TRIGGER, { body: {} })).status).toBe(202);
    expect(started().map(({ digests }) => digests)).toEqual([{}]);
  });
});
