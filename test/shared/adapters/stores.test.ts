import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCounterStore } from "../../../shared/adapters/d1-counters.ts";
import { createCredentials } from "../../../shared/adapters/d1-credentials.ts";
import { createKeys } from "../../../shared/adapters/d1-keys.ts";
import { createRunIndex } from "../../../shared/adapters/d1-run-index.ts";
import { createPayloads, payloadKey } from "../../../shared/adapters/r2-payloads.ts";
import type { DeadLetter } from "../../../shared/message.ts";
import type { Key } from "../../../shared/ports.ts";
import type { RunSummary } from "../../../shared/run-view.ts";
import { startPlatform } from "./platform.ts";

let platform: Awaited<ReturnType<typeof startPlatform>>;
beforeAll(async () => {
  platform = await startPlatform();
}, 60_000);
afterAll(() => platform.close());

describe("keys", () => {
  const key = (id: string, tenant: string): Key => ({ id, tenant, name: "n", scopes: ["read", "admin"], createdAt: 5, seeded: false });

  it("are found by their hash until they are revoked by their own tenant", async () => {
    const keys = createKeys(platform.db, () => 9);
    await keys.add(key("key_1", "a"), "hash1");
    expect([await keys.find("hash1"), await keys.find("hash2")]).toEqual([key("key_1", "a"), undefined]);
    expect([await keys.revoke("b", "key_1"), await keys.revoke("a", "key_1"), await keys.revoke("a", "key_1")]).toEqual([
      false,
      true,
      false,
    ]);
    expect([await keys.find("hash1"), await keys.list("a")]).toEqual([undefined, []]);
  });

  it("that may be there are told by one read in ten seconds, a new one at once, a revoked one no more", async () => {
    const clock = { now: 0 };
    const asked: string[] = [];
    const prepare = (sql: string) => (asked.push(sql), platform.db.prepare(sql));
    const counting = new Proxy(platform.db, {
      get: (db, name) => (name === "prepare" ? prepare : db.batch.bind(db)), // reads and writes: the adapter uses nothing else
    });
    const keys = createKeys(counting, () => clock.now);
    const reads = () => asked.filter((sql) => sql.startsWith("SELECT substr")).length;
    const hash = (digit: string) => digit.repeat(64);
    await keys.add(key("key_old", "c"), hash("c"));
    expect([await keys.mayExist(hash("c")), await keys.mayExist(hash("d")), await keys.mayExist(hash("e")), reads()]).toEqual([
      true,
      false,
      false,
      1,
    ]);
    await keys.add(key("key_new", "c"), hash("d"));
    expect([await keys.mayExist(hash("d")), reads()]).toEqual([true, 2]);
    await keys.revoke("c", "key_new");
    clock.now += 10_000;
    expect([await keys.mayExist(hash("d")), await keys.mayExist(hash("c")), reads()]).toEqual([false, true, 3]);
  });
});

describe("credentials", () => {
  const store = () => createCredentials(platform.db, "0f".repeat(32), () => 7);

  it("come back as they were stored, and never lie there in the clear", async () => {
    expect([await store().put("a", "T", "very secret", ["x.com"]), await store().put("a", "T", "newer secret", ["y.com"])]).toEqual([
      "created",
      "replaced",
    ]);
    expect(await store().reveal("a", "T")).toEqual({ value: "newer secret", hosts: ["y.com"] });
    expect(await store().list("a")).toEqual([{ name: "T", hosts: ["y.com"], createdAt: 7 }]);
    const { results } = await platform.db.prepare("SELECT * FROM credentials").all();
    expect(JSON.stringify(results)).not.toMatch(/secret/);
    expect(Buffer.from(String(results[0]?.ciphertext), "base64").toString("latin1")).not.toMatch(/secret/);
  });

  it("do not open under another name, another tenant or another master key", async () => {
    await store().put("m", "A", "value", []);
    await platform.db
      .prepare("INSERT INTO credentials SELECT 'n', name, hosts, nonce, ciphertext, 0 FROM credentials WHERE tenant = 'm'")
      .run();
    await platform.db
      .prepare("INSERT INTO credentials SELECT 'm', 'B', hosts, nonce, ciphertext, 0 FROM credentials WHERE tenant = 'm'")
      .run();
    await expect(store().reveal("n", "A")).rejects.toThrow(/cannot be opened/);
    await expect(store().reveal("m", "B")).rejects.toThrow(/cannot be opened/);
    await expect(createCredentials(platform.db, "1f".repeat(32), () => 7).reveal("m", "A")).rejects.toThrow(/cannot be opened/);
    expect([await store().remove("other", "A"), await store().reveal("other", "A"), await store().remove("m", "A")]).toEqual([
      false,
      undefined,
      true,
    ]);
  });
});

describe("the index of runs", () => {
  const run = (runId: string, more: Partial<RunSummary> = {}): RunSummary => ({
    tenant: "a",
    runId,
    workflow: "w",
    version: "v",
    status: "running",
    startedAt: 100,
    endedAt: null,
    errorCode: null,
    seq: 1,
    ...more,
  });
  const ids = (page: { runs: readonly RunSummary[] }) => page.runs.map(({ runId }) => runId);

  it("keeps the later summary, in whatever order they come", async () => {
    const index = createRunIndex(platform.db);
    const ended = run("r1", { status: "failed", endedAt: 200, errorCode: "paper.jam", seq: 9 });
    await index.upsert([run("r1"), ended, run("r1", { status: "waiting", seq: 4 })]);
    await index.upsert([run("r1", { status: "waiting", seq: 5 })]);
    expect(await index.list("a", { limit: 5 })).toEqual({ runs: [ended], nextCursor: null });
    await index.remove("b", "r1");
    expect((await index.list("a", { limit: 5 })).runs).toEqual([ended]);
    await index.remove("a", "r1");
    expect((await index.list("a", { limit: 5 })).runs).toEqual([]);
  });

  it("lists newest first, page by page, also when moments are the same", async () => {
    const index = createRunIndex(platform.db);
    const all = Array.from({ length: 450 }, (_, i) =>
      run(`r${String(i).padStart(4, "0")}`, { tenant: "p", startedAt: Math.floor(i / 3), workflow: i % 2 ? "odd" : "even" }),
    );
    await index.upsert(all);
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page: Awaited<ReturnType<typeof index.list>> = await index.list("p", { limit: 100, ...(cursor === "" ? {} : { cursor }) });
      seen.push(...ids(page));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(all.map(({ runId }) => runId).toReversed());
    expect(ids(await index.list("p", { limit: 2, workflow: "odd", sinceMs: 100 }))).toEqual(["r0449", "r0447"]);
    expect(ids(await index.list("p", { limit: 2, status: "failed" }))).toEqual([]);
    expect(ids(await index.list("q", { limit: 2 }))).toEqual([]);
    await expect(index.list("p", { limit: 2, cursor: "nonsense" })).rejects.toThrow(/cursor/);
  });

  it("lays a dead letter on the desk once, and shows it to its tenant only", async () => {
    const index = createRunIndex(platform.db);
    const error = { code: "x.y", message: "m", retryable: false, details: { deep: [1] } };
    const letter: DeadLetter = {
      id: "dl_1",
      tenant: "a",
      runId: null,
      workflow: "w",
      node: "n",
      step: "n[0]",
      error,
      fingerprint: "f",
      input: '{"a":1}',
      at: 5,
    };
    await index.addDeadLetters([letter, { ...letter, at: 6 }]);
    await index.addDeadLetters([letter]);
    expect(await index.deadLetters("a", { limit: 10, workflow: "w" })).toEqual({ letters: [letter], nextCursor: null });
    expect([await index.deadLetter("a", "dl_1"), await index.deadLetter("b", "dl_1")]).toEqual([letter, undefined]);
  });

  it("takes letters from the desk by their steps up to a moment, and with their run; nobody else's", async () => {
    const index = createRunIndex(platform.db);
    const error = { code: "x.y", message: "m", retryable: false };
    const common = { workflow: "taken", node: "n", error, fingerprint: "f", input: null };
    const letter = (tenant: string, runId: string, step: string, at: number): DeadLetter => ({
      ...common,
      tenant,
      runId,
      step,
      at,
      id: `${runId} ${step} ${at}`,
    });
    const idsOf = async (tenant: string) => (await index.deadLetters(tenant, { limit: 99, workflow: "taken" })).letters.map(({ id }) => id);
    await index.addDeadLetters([
      ...["n[0]", "n[1]"].flatMap((step) => [5, 9].map((at) => letter("c", "one", step, at))),
      letter("c", "two", "n[0]", 5),
      letter("d", "one", "n[0]", 5),
    ]);
    await index.takeDeadLetters("c", "one", ["n[0]", "other"], 8);
    await index.takeDeadLetters("c", "one", [], 99);
    expect(new Set(await idsOf("c"))).toEqual(new Set(["one n[0] 9", "one n[1] 5", "one n[1] 9", "two n[0] 5"]));
    await index.remove("c", "one");
    expect([await idsOf("c"), await idsOf("d")]).toEqual([["two n[0] 5"], ["one n[0] 5"]]);
  });
});

describe("counters", () => {
  it("add up over minutes", async () => {
    const steps = (value: number) => ({ name: "s", labels: { part: 'a"b', outcome: "ok" }, value });
    await createCounterStore(platform.db, () => 60_000 * 100).add([steps(2), { name: "t", labels: {}, value: 0.5 }]);
    await createCounterStore(platform.db, () => 60_000 * 101).add([steps(3)]);
    expect(await createCounterStore(platform.db, () => 0).totals()).toEqual([steps(5), { name: "t", labels: {}, value: 0.5 }]);
  });
});

describe("payloads", () => {
  it("are inline up to 32 KB, and objects of their run above", async () => {
    const payloads = createPayloads(platform.bucket);
    const [small, large] = [JSON.stringify("x".repeat(32_766)), JSON.stringify("é".repeat(20_000))];
    expect(await payloads.put("a", "run_1", small)).toEqual({ json: small });
    const value = await payloads.put("a", "run_1", large);
    expect(value).toEqual({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: 40_002 });
    expect(await payloads.get("a", "run_1", value)).toBe(large);
    await expect(payloads.get("b", "run_1", value)).rejects.toMatchObject({ code: "value.missing" });
    if ("sha256" in value) await platform.bucket.put(payloadKey("a", "run_1", value.sha256), "tampered");
    await expect(payloads.get("a", "run_1", value)).rejects.toMatchObject({ code: "value.missing" });
  });
});
