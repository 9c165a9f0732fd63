import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCatalogue } from "../../../shared/adapters/d1-catalogue.ts";
import { rememberNewest } from "../../../shared/adapters/remembered-newest.ts";
import type { Plan } from "../../../shared/model/plan.ts";
import type { WorkflowVersion } from "../../../shared/ports.ts";
import { startPlatform } from "./platform.ts";

let platform: Awaited<ReturnType<typeof startPlatform>>;
beforeAll(async () => {
  platform = await startPlatform();
}, 60_000);
afterAll(() => platform.close());

const plan = (version: string, more: Partial<Plan> = {}): Plan => ({
  v: 1,
  workflow: "w",
  version,
  vertices: [],
  edges: [],
  run: { retentionMs: 1 },
  trigger: { kind: "public" },
  ...more,
});
const version = (name: string, id: string, more: Partial<WorkflowVersion> = {}): WorkflowVersion => ({
  name,
  version: id,
  description: `the ${id}`,
  plan: plan(id),
  source: `name: ${name}`,
  format: "yaml",
  createdAt: 1000,
  ...more,
});

describe("the catalogue", () => {
  it("points at the newest version, also when an older content comes again", async () => {
    const catalogue = createCatalogue(platform.db);
    expect(await catalogue.push("a", version("one", "v1"))).toBe(true);
    expect(await catalogue.push("a", version("one", "v2", { createdAt: 2000 }))).toBe(true);
    expect(await catalogue.newest("a", "one")).toEqual(version("one", "v2", { createdAt: 2000 }));
    expect(await catalogue.push("a", version("one", "v1", { createdAt: 3000 }))).toBe(false);
    expect(await catalogue.newest("a", "one")).toEqual(version("one", "v1"));
    expect((await catalogue.versions("a", "one")).map((one) => one.version)).toEqual(["v2", "v1"]);
  });

  it("of one tenant knows nothing of another's", async () => {
    const catalogue = createCatalogue(platform.db);
    await catalogue.push("b", version("mine", "v1"));
    expect([await catalogue.newest("c", "mine"), await catalogue.version("c", "mine", "v1"), await catalogue.remove("c", "mine")]).toEqual([
      undefined,
      undefined,
      false,
    ]);
    expect([await catalogue.list("c"), await catalogue.versions("c", "mine")]).toEqual([[], []]);
    expect((await catalogue.list("b")).map(({ name, trigger }) => [name, trigger])).toEqual([["mine", { kind: "public" }]]);
  });

  it("forgets what is deleted, and takes it anew", async () => {
    const catalogue = createCatalogue(platform.db);
    await catalogue.push("d", version("gone", "v1"));
    await catalogue.newest("d", "gone");
    expect(await catalogue.remove("d", "gone")).toBe(true);
    expect([await catalogue.newest("d", "gone"), await catalogue.version("d", "gone", "v1")]).toEqual([undefined, undefined]);
    expect(await catalogue.push("d", version("gone", "v1", { source: "again", createdAt: 5000 }))).toBe(true);
    expect((await catalogue.newest("d", "gone"))?.source).toBe("again");
  });

  it("that is remembered shows a push and a removal at once, and what others pushed after a while", async () => {
    let time = 0;
    const catalogue = rememberNewest(createCatalogue(platform.db), () => time);
    const newest = async () => (await catalogue.newest("f", "quick"))?.version;
    await catalogue.push("f", version("quick", "v1"));
    const first = await newest();
    await catalogue.push("f", version("quick", "v2"));
    const second = await newest();
    await createCatalogue(platform.db).push("f", version("quick", "v3"));
    const behindItsBack = await newest();
    time += 10_000;
    const later = await newest();
    await catalogue.remove("f", "quick");
    expect([first, second, behindItsBack, later, await newest()]).toEqual(["v1", "v2", "v2", "v3", undefined]);
  });

  it("does not remember what was read while a push went on", async () => {
    const stored = createCatalogue(platform.db);
    await stored.push("g", version("quick", "v1"));
    let goOn = () => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const slow = {
      ...stored,
      newest: async (tenant: string, name: string) => {
        const found = await stored.newest(tenant, name);
        await held;
        return found;
      },
    };
    const catalogue = rememberNewest(slow, () => 0);
    const began = catalogue.newest("g", "quick");
    await catalogue.push("g", version("quick", "v2"));
    goOn();
    expect([(await began)?.version, (await catalogue.newest("g", "quick"))?.version]).toEqual(["v1", "v2"]);
  });

  it("keeps plans that are longer than a row may be", async () => {
    const long = plan("v1", { input: { text: "x".repeat(3_000_000) } });
    await createCatalogue(platform.db).push("e", version("long", "v1", { plan: long, source: "y".repeat(1_000_000) }));
    const found = await createCatalogue(platform.db).newest("e", "long");
    expect([found?.plan, found?.source.length]).toEqual([long, 1_000_000]);
  });
});
