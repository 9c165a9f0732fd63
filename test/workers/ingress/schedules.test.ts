import { describe, expect, it } from "vitest";
import { definition, ingress } from "./fake-ingress.ts";

const NIGHTLY = { cron: "0 3 * * *", timezone: "Europe/Berlin", input: { n: 1 }, overlap: "allow", catch_up: "last" };
const scheduled = definition({ schedule: [NIGHTLY] });
const push = (world: ReturnType<typeof ingress>, body: object) => world.call("POST", "/webhooks/named", { body });
const listed = async (world: ReturnType<typeof ingress>, key = "owner") => (await world.call("GET", "/schedules", { key })).body;

describe("a push", () => {
  it("of a workflow without schedules asks no object", async () => {
    const world = ingress();
    expect((await push(world, definition())).status).toBe(201);
    expect([world.scheduled.calls, await listed(world)]).toEqual([[], { schedules: [], next_cursor: null }]);
  });

  it("with schedules announces them, keeps them, and has them planned", async () => {
    const world = ingress();
    expect((await push(world, scheduled)).status).toBe(201);
    expect(world.scheduled.calls).toEqual(["expect default/w", "sync default/w"]);
    const nothingYet = { next_at: null, last_at: null, last_run_id: null, skipped: 0, missed: 0, last_error: null };
    expect(await listed(world)).toEqual({ schedules: [{ workflow: "w", ...NIGHTLY, ...nothingYet }], next_cursor: null });
    expect(await listed(world, "b")).toEqual({ schedules: [], next_cursor: null });
  });

  it("that takes the schedules away tells the object, too", async () => {
    const world = ingress();
    await push(world, scheduled);
    world.scheduled.calls.length = 0;
    expect((await push(world, definition())).status).toBe(201);
    expect([world.scheduled.calls, world.scheduled.kept.size]).toEqual([["expect default/w", "sync default/w"], 0]);
  });

  it("is 503 and has changed nothing when the object cannot be told", async () => {
    const world = ingress();
    world.scheduled.broken.add("expect");
    expect(await push(world, scheduled)).toMatchObject({ status: 503, body: { code: "storage_unavailable", retryable: true } });
    expect([world.scheduled.kept.size, await world.deps.catalogue.newest("default", "w")]).toEqual([0, undefined]);
  });

  it("is 503 when they could not be planned, and a second one repairs it", async () => {
    const world = ingress();
    world.scheduled.broken.add("sync");
    expect((await push(world, scheduled)).status).toBe(503);
    world.scheduled.broken.clear();
    world.scheduled.calls.length = 0;
    expect(await push(world, scheduled)).toMatchObject({ status: 200, body: { created: false } });
    expect(world.scheduled.calls).toEqual(["expect default/w", "sync default/w"]);
  });

  it("with one schedule twice keeps it once, and says so", async () => {
    const world = ingress();
    const answer = await push(world, definition({ schedule: [NIGHTLY, { ...NIGHTLY, overlap: "skip" }] }));
    expect([answer.status, answer.body?.["warnings"]]).toEqual([201, [expect.objectContaining({ code: "schedule.twin" })]]);
    expect(world.scheduled.kept.get("default/w")).toHaveLength(1);
  });
});

describe("a delete", () => {
  it("takes the schedules away, and succeeds though the object does not answer", async () => {
    const world = ingress();
    await push(world, scheduled);
    world.scheduled.broken.add("sync");
    expect((await world.call("DELETE", "/webhooks/named/w")).status).toBe(200);
    expect([world.scheduled.calls.at(-1), world.scheduled.kept.size]).toEqual(["sync default/w", 0]);
  });
});
