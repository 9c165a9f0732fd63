import { describe, expect, it } from "vitest";
import { PART_MANIFESTS } from "../../generated/part-manifests.ts";
import { PART_BYTES } from "../../generated/part-bytes.ts";
import { sha256Hex } from "../../shared/ids.ts";
import { MAX_RPC_BYTES } from "../../shared/model/limits.ts";
import { runJsPart } from "../../workers/runner/js-part-host.ts";
import { consume } from "../../workers/runner/consume.ts";
import { stepsLane } from "../../workers/runner/io-lane.ts";
import { type PartOutcome, type PartRun, runPart } from "../../workers/runner/part-host.ts";
import { createPartLibrary } from "../../workers/runner/part-library.ts";
import { createPartLoader } from "../../workers/runner/part-loader.ts";
import { testEnv } from "../support/workerd-env.ts";
import { manifestOf, moduleBytes, store, stored } from "../support/workerd-parts.ts";
import { createTestRunner, deliver, hintFor, settled } from "../support/workerd-runner.ts";
import { chain, eventsOf, planFor, started, TENANT } from "../support/workerd-runs.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const runOf = (given: unknown, more: Partial<PartRun> = {}): PartRun => ({
  stdin: encoder.encode(JSON.stringify(given)),
  exchanges: [],
  fuel: 500_000_000,
  nowMs: 1_790_000_000_000,
  seed: new Uint8Array(32),
  maxStdoutBytes: 11 * 2 ** 20,
  ...more,
});
const answerOf = (outcome: PartOutcome): unknown => (outcome.kind === "answered" ? JSON.parse(decoder.decode(outcome.stdout)) : outcome);
const loader = createPartLoader(testEnv.LOADER, store);
const runLoaded = (module: string, run: PartRun, by = loader) => by.run({ module, manifest: { memoryMib: 32 } }, run);
/** Lays the module into the store; gives its name. */
async function laid(name: string): Promise<string> {
  const wasm = moduleBytes(name);
  await stored(name, manifestOf(name));
  return sha256Hex(wasm);
}

describe("a part in an isolate of its own", () => {
  it("answers as in the bundle, to the byte and to the unit of fuel", async () => {
    const module = await laid("string_ops");
    const bundled = PART_BYTES.modules[PART_MANIFESTS["string_ops"]?.digest ?? ""];
    for (const given of [{ op: "upper", text: "straße" }, { op: "nonsense", text: "" }, "no object"]) {
      const loaded = await runLoaded(module, runOf(given));
      expect(loaded).toEqual(bundled && runPart(bundled, runOf(given)));
    }
  });

  it("takes and gives ten megabytes", async () => {
    const run = runOf({ text: "x".repeat(10 * 2 ** 20) });
    const outcome = await runLoaded(await laid("echo"), run);
    expect(outcome.kind === "answered" && Buffer.from(outcome.stdout).equals(run.stdin)).toBe(true);
  });

  it("runs out of fuel like any other, and harms nobody", async () => {
    const spun = await runLoaded(await laid("endless"), runOf({}, { fuel: 1_000_000 }));
    expect(spun).toMatchObject({ kind: "failed", error: { code: "part.out_of_fuel" } });
    expect(answerOf(await runLoaded(await laid("first"), runOf({})))).toEqual({ success: true, data: { bytes: "first" } });
  });

  it("stops at a call, and goes on with the answer that was recorded", async () => {
    const module = await laid("asking");
    const called = await runLoaded(module, runOf({}));
    expect(called.kind === "called" && JSON.parse(decoder.decode(called.request))).toMatchObject({ call: "http_request" });
    const exchanges = [{ resultBytes: encoder.encode('{"success":true,"data":7}') }];
    expect(answerOf(await runLoaded(module, runOf({}, { exchanges })))).toEqual({ success: true, data: 7 });
  });

  it("fails when what it says or hears is more than a call of an isolate carries", async () => {
    expect(await runLoaded(await laid("shouting"), runOf({}))).toMatchObject({ error: { code: "part.output_too_large" } });
    const exchanges = [{ resultBytes: new Uint8Array(MAX_RPC_BYTES) }];
    await expect(runLoaded(await laid("asking"), runOf({}, { exchanges }))).rejects.toMatchObject({ code: "part.input_too_large" });
  });
});

describe("a part in JavaScript that the bundle has no more", () => {
  const bundle = { ...PART_BYTES, manifests: PART_MANIFESTS };
  const memoryMib = PART_MANIFESTS["code"]?.memoryMib ?? 0;
  const hashed = async (ending: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> => {
    const hash = sha256Hex(bytes);
    await testEnv.PAYLOADS.put(`parts/${hash}.${ending}`, bytes);
    return hash;
  };

  it("is found by its digest, and runs on its own engine and image as it did in the bundle", async () => {
    const [engine, image] = [moduleBytes("js_engine"), moduleBytes("code_image")];
    const record = { v: 1, module: await hashed("wasm", engine), image: await hashed("bin", image), manifest: PART_MANIFESTS["code"] };
    const digest = PART_MANIFESTS["code"]?.digest ?? "";
    await testEnv.PAYLOADS.put(`parts/${digest}.json`, JSON.stringify(record));
    const given = runOf({ code: "return input.n + 1;", input: { n: 41 } });
    const emptied = createPartLibrary({ ...bundle, images: {} }, store, loader);
    const outcome = await (await emptied.find(TENANT, "code", digest))?.run(given);
    expect(outcome && answerOf(outcome)).toEqual({ success: true, data: 42 });
    expect(outcome).toEqual(runJsPart(PART_BYTES.engine, { image, memoryMib }, given));
  });

  it("runs from its source as on the engine of the bundle, when that has another engine by now", async () => {
    const engine = await hashed("wasm", moduleBytes("js_engine"));
    const source = "export default ({ n }) => ({ success: true, data: [n + 1, Math.random(), 'ä'] });";
    const manifest = manifestOf("scripted", { memoryMib: 8 });
    const part = { manifest, module: engine, source: sha256Hex(source) };
    await store.put("scripted", part, encoder.encode(source));
    const none = createPartLoader(undefined, store);
    const run = async (library: ReturnType<typeof createPartLibrary>) =>
      (await library.find(TENANT, "scripted", "scripted"))?.run(runOf({ n: 41 }));
    const inBundle = await run(createPartLibrary(bundle, store, none));
    const isolated = await run(createPartLibrary({ ...bundle, engineDigest: "another" }, store, loader));
    expect(inBundle && answerOf(inBundle)).toEqual({ success: true, data: [42, expect.any(Number), "ä"] });
    expect(isolated).toEqual(inBundle);
    // Proof that it was the isolate: without a loader it does not run.
    await expect(run(createPartLibrary({ ...bundle, engineDigest: "another" }, store, none))).rejects.toMatchObject({
      code: "part.no_loader",
    });
  });

  it("is gone when its source is, or is damaged", async () => {
    const [missing, damaged] = ["0".repeat(64), "1".repeat(64)];
    const manifest = manifestOf("lost");
    const record = { v: 1, module: PART_BYTES.engineDigest, manifest };
    for (const source of [missing, damaged]) await testEnv.PAYLOADS.put(`parts/of-${source}.json`, JSON.stringify({ ...record, source }));
    await testEnv.PAYLOADS.put(`parts/${damaged}.js`, "export default () => 1;");
    const library = createPartLibrary(bundle, store, loader);
    for (const source of [missing, damaged])
      await expect(library.find(TENANT, "lost", `of-${source}`)).rejects.toMatchObject({ code: "part.not_found" });
  });
});

describe("a part that was uploaded as JavaScript", () => {
  it("runs from its source, with its calls, and says where it is wrong", async () => {
    const engine = moduleBytes("js_engine");
    const module = sha256Hex(engine);
    await testEnv.PAYLOADS.put(`parts/${module}.wasm`, engine);
    const loadedFrom = async (text: string) => {
      const source = sha256Hex(encoder.encode(text));
      await testEnv.PAYLOADS.put(`parts/${source}.js`, text);
      return { module, source, manifest: { memoryMib: 32 } };
    };
    const code = await loadedFrom(
      'export default async ({ n }, arcrun) => (await arcrun.http({ url: "https://api.example.com" })).status + n;',
    );
    const called = await loader.run(code, runOf({ n: 1 }));
    expect(called.kind === "called" && JSON.parse(decoder.decode(called.request))).toMatchObject({ call: "http_request" });
    const exchanges = [{ resultBytes: encoder.encode('{"status":200,"headers":{},"body":""}') }];
    expect(answerOf(await loader.run(code, runOf({ n: 1 }, { exchanges })))).toBe(201);
    const wrong = answerOf(await loader.run(await loadedFrom("export default ("), runOf({})));
    expect(JSON.stringify(wrong)).toContain("unexpected token");
  });
});

describe("the bytes of a part", () => {
  it("may come late: what failed once is not remembered for ever", async () => {
    const wasm = moduleBytes("second");
    const module = sha256Hex(wasm);
    for (const _ of [1, 2]) await expect(runLoaded(module, runOf({}))).rejects.toMatchObject({ code: "part.not_found" });
    await testEnv.PAYLOADS.put(`parts/${module}.wasm`, wasm);
    expect(answerOf(await runLoaded(module, runOf({})))).toEqual({ success: true, data: { bytes: "second" } });
  });

  it("that are no module fail the attempt, and may be tried again", async () => {
    const nonsense = encoder.encode("no module at all");
    const module = sha256Hex(nonsense);
    await testEnv.PAYLOADS.put(`parts/${module}.wasm`, nonsense);
    await expect(runLoaded(module, runOf({}))).rejects.toMatchObject({ code: "part.isolate_failed" });
  });

  it("that did not start are tried once more, under a name of which no failure is remembered", async () => {
    const [bad, good] = [encoder.encode("half of it"), moduleBytes("second")];
    const reads = [bad, good, bad, good].map((bytes) => bytes.slice().buffer);
    const flaky = createPartLoader(testEnv.LOADER, {
      image: () => expect.unreachable("there is no image"),
      source: () => expect.unreachable("there is no source"),
      module: () => Promise.resolve(reads.shift() ?? expect.unreachable("read again")),
    });
    const answers = [];
    for (const _ of [1, 2, 3]) answers.push(answerOf(await runLoaded("flaky", runOf({}), flaky)));
    expect(answers).toEqual(Array.from({ length: 3 }, () => ({ success: true, data: { bytes: "second" } })));
    expect(reads).toHaveLength(2);
  });

  it("need a loader", async () => {
    await expect(runLoaded("0".repeat(64), runOf({}), createPartLoader(undefined, store))).rejects.toMatchObject({
      code: "part.no_loader",
    });
  });
});

describe("a run", () => {
  const finish = async (name: string, step: string, deps = createTestRunner().deps) => {
    expect(await deliver("arcrun-steps", [hintFor(name, step)], (batch) => consume(batch, stepsLane, deps))).toEqual(settled(["m0"]));
    return deps;
  };

  it("goes on with the built-in bytes that it pinned when the bundle has others", async () => {
    const plan = planFor({ flow: ["input >> ON_SUCCESS >> a"], config: { a: { component: "string_ops", op: "upper", text: "x" } } });
    const digest = await stored("first", manifestOf("string_ops"));
    const { run } = await started("pinned", plan, { digests: { string_ops: digest } });
    const deps = await finish("pinned", "a");
    const view = await run.view({ offset: 0, limit: 10 });
    expect(view?.steps.find(({ key }) => key === "a")).toMatchObject({ status: "succeeded", digest });
    const output = view?.output.kind === "one" ? await deps.payloads.get(TENANT, view.summary.runId, view.output.output) : "";
    expect(JSON.parse(output)).toEqual({ success: true, data: { bytes: "first" } });
  });

  it("fails its node when its bytes are nowhere", async () => {
    const { stub, run } = await started("lost", chain("one"), { digests: { set: "f".repeat(64) } });
    const { deps } = createTestRunner({
      parts: createPartLibrary({ ...PART_BYTES, manifests: PART_MANIFESTS, modules: {} }, store, loader),
    });
    await finish("lost", "one", deps);
    expect(await eventsOf(stub)).toEqual([["run.started"], ["step.failed", "one"], ["run.ended"]]);
    expect((await run.view({ offset: 0, limit: 10 }))?.error).toMatchObject({ code: "part.not_found", node: "one" });
  });

  it("has no more parts at work at once than the platform lets it", async () => {
    let [now, most] = [0, 0];
    const counting = {
      find: () => ({
        manifest: manifestOf("set"),
        run: async (): Promise<PartOutcome> => {
          most = Math.max(most, ++now);
          await new Promise((resolve) => setTimeout(resolve, 1));
          now--;
          return { kind: "answered", stdout: encoder.encode("{}"), stderr: "", fuelUsed: 1 };
        },
      }),
    };
    const names = Array.from({ length: 12 }, (_, i) => `many ${i}`);
    for (const name of names) await started(name, chain("one"));
    const { deps } = createTestRunner({ parts: counting });
    const hints = names.map((name) => hintFor(name, "one"));
    await deliver("arcrun-steps", hints, (batch) => consume(batch, stepsLane, deps));
    expect(most).toBe(4);
  });
});
