/** A roll-back: objects whose logs a newer engine wrote are opened by this one. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { ENGINE_VERSION } from "../../shared/model/log.ts";
import { problemResponse } from "../../shared/http/problem.ts";
import {
  alarmOf,
  chain,
  claimed,
  eventsOf,
  logOf,
  objectOf,
  started,
  startOf,
  stopClock,
  succeed,
  successOf,
} from "../support/workerd-runs.ts";

const LINE = chain("one", "two");
const MINUTE = 60_000;
type Stub = ReturnType<typeof objectOf>["stub"];

beforeEach(() => {
  stopClock();
  onTestFinished(() => {
    vi.useRealTimers();
  });
});

/** As a newer engine would have left it; then that engine is gone. */
async function rewritten(stub: Stub, sql: string, ...values: readonly (string | number)[]): Promise<void> {
  await runInDurableObject(stub, (_: unknown, { storage }: DurableObjectState) => {
    storage.sql.exec(sql, ...values);
  });
  await evictDurableObject(stub);
}

const startedByNewer = (stub: Stub, engine = ENGINE_VERSION + 1) =>
  rewritten(stub, "UPDATE log SET data = json_set(data, '$.engine', ?) WHERE seq = 1", engine);

const goneOnByNewer = (stub: Stub) =>
  rewritten(
    stub,
    "INSERT INTO log VALUES (2, 0, 'step.teleported', 'one', '', ?)",
    JSON.stringify({ type: "step.teleported", step: "one" }),
  );

/** What a caller of the HTTP API is told. */
async function told(call: Promise<unknown>): Promise<readonly unknown[]> {
  const thrown = await call.then(
    () => new Error("it was answered"),
    (reason: unknown) => reason,
  );
  const { status, code, detail, retryable } = await problemResponse(thrown, "req", "/runs/:id").json<Record<string, unknown>>();
  return [status, code, detail, retryable];
}

const CASES = [
  [
    "that was started by a newer engine",
    startedByNewer,
    `this run was started by engine ${ENGINE_VERSION + 1}, and this is engine ${ENGINE_VERSION}`,
  ],
  [
    "with an event of a newer engine",
    goneOnByNewer,
    `the log of this run has an event that engine ${ENGINE_VERSION} does not know: step.teleported`,
  ],
] as const;

describe.each(CASES)("A log %s", (name, damage, detail) => {
  const refusal = [503, "run.newer_engine", detail, true];

  it("is refused by every method, and nothing is written", async () => {
    const { run, stub } = await started(`${name} methods`, LINE);
    const assignment = await claimed(run, "one");
    await damage(stub);
    const before = await logOf(stub);
    const again = objectOf(`${name} methods`).run;
    expect([
      await told(again.view({ offset: 0, limit: 10 })),
      await told(again.drawing()),
      await told(again.wait(0)),
      await told(again.events(0, 0)),
      await told(again.claim(["one"])),
      await told(again.settle([successOf(assignment)])),
      await told(again.cancel("a person")),
      await told(again.redrive({})),
      await told(again.start(startOf(`${name} methods`, LINE))),
    ]).toEqual(Array.from({ length: 9 }, () => refusal));
    expect(await logOf(stub)).toEqual(before);
  });

  it("keeps its alarm, which does not throw and looks again in a minute", async () => {
    const { stub } = await started(`${name} alarm`, LINE);
    await damage(stub);
    const before = await logOf(stub);
    for (let times = 0; times < 8; times += 1) {
      expect(await runDurableObjectAlarm(stub)).toBe(true);
      expect(await alarmOf(stub)).toBe(Date.now() + MINUTE);
      await evictDurableObject(stub);
    }
    expect(await logOf(stub)).toEqual(before);
  });

  it("hinders no other run", async () => {
    const { stub } = await started(`${name} here`, LINE);
    await damage(stub);
    const { run, stub: other } = await started(`${name} there`, LINE);
    for (const step of ["one", "two"]) await succeed(run, step);
    expect(await eventsOf(other)).toEqual([["run.started"], ["step.succeeded", "one"], ["step.succeeded", "two"], ["run.ended"]]);
  });
});

it("A run goes on where it was when the newer engine is back", async () => {
  const { run, stub } = await started("back", LINE);
  await succeed(run, "one");
  await startedByNewer(stub);
  const [status, code] = await told(objectOf("back").run.claim(["two"]));
  expect([status, code]).toEqual([503, "run.newer_engine"]);
  await startedByNewer(stub, ENGINE_VERSION);
  await succeed(objectOf("back").run, "two");
  expect(await objectOf("back").run.wait(0)).toBe("succeeded");
});
