import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCatalogue } from "../../../shared/adapters/d1-catalogue.ts";
import { createSchedules } from "../../../shared/adapters/d1-schedules.ts";
import type { ScheduleHistory, StoredSchedule, WorkflowVersion } from "../../../shared/ports.ts";
import { emptyPlan } from "../../workers/fake-stores.ts";
import { startPlatform } from "./platform.ts";

let platform: Awaited<ReturnType<typeof startPlatform>>;
beforeAll(async () => {
  platform = await startPlatform();
}, 60_000);
afterAll(() => platform.close());

const version = (name: string, id: string): WorkflowVersion => ({
  name,
  version: id,
  description: "d",
  plan: emptyPlan,
  source: "",
  format: "json",
  createdAt: 1000,
});

describe("the schedules", () => {
  const schedule = (key: string, more: Partial<StoredSchedule> = {}): StoredSchedule => ({
    key,
    cron: "* * * * *",
    timezone: "UTC",
    input: { of: key },
    overlap: "skip",
    catchUp: "none",
    ...more,
  });
  const history: ScheduleHistory = {
    nextAt: 60_000,
    lastAt: 0,
    lastRunId: "run_1",
    skipped: 2,
    missed: 3,
    lastError: { code: "a.b", message: "m", retryable: true },
  };
  const nothing: ScheduleHistory = { nextAt: null, lastAt: null, lastRunId: null, skipped: 0, missed: 0, lastError: null };

  it("are those of the newest version; who stays keeps its history", async () => {
    const [catalogue, schedules] = [createCatalogue(platform.db), createSchedules(platform.db)];
    await catalogue.push("s", version("w", "v1"), [schedule("a"), schedule("b")]);
    await schedules.tell(
      "s",
      "w",
      new Map([
        ["a", history],
        ["gone", history],
      ]),
    );
    expect((await schedules.list("s", { limit: 9 })).schedules).toEqual([
      { ...schedule("a"), ...history, workflow: "w" },
      { ...schedule("b"), ...nothing, workflow: "w" },
    ]);
    await catalogue.push("s", version("w", "v2"), [schedule("c"), schedule("a", { overlap: "allow", catchUp: "last" })]);
    expect((await schedules.list("s", { limit: 9 })).schedules).toEqual([
      { ...schedule("c"), ...nothing, workflow: "w" },
      { ...schedule("a", { overlap: "allow", catchUp: "last" }), ...history, workflow: "w" },
    ]);
    expect(await schedules.of("s", "w")).toEqual([schedule("c"), schedule("a", { overlap: "allow", catchUp: "last" })]);
    await catalogue.push("s", version("w", "v3"));
    expect(await schedules.of("s", "w")).toEqual([]);
  });

  it("go with their workflow, and stay with their tenant", async () => {
    const [catalogue, schedules] = [createCatalogue(platform.db), createSchedules(platform.db)];
    for (const tenant of ["t", "u"]) await catalogue.push(tenant, version("w", "v1"), [schedule("a")]);
    await catalogue.remove("t", "w");
    expect([await schedules.of("t", "w"), await schedules.of("u", "w")]).toEqual([[], [schedule("a")]]);
  });

  it("are listed page by page, of all workflows or of one", async () => {
    const [catalogue, schedules] = [createCatalogue(platform.db), createSchedules(platform.db)];
    for (const name of ["one", "two"]) await catalogue.push("p", version(name, "v1"), [schedule("z"), schedule("a"), schedule("m")]);
    const seen: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await schedules.list("p", { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.schedules.map(({ workflow, key }) => `${workflow} ${key}`));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(["one z", "one a", "one m", "two z", "two a", "two m"]);
    expect((await schedules.list("p", { workflow: "two", limit: 9 })).schedules).toHaveLength(3);
  });
});
