/** Objects whose storage fails: the alarm comes again, for nobody else would ever wake the run (C5), and nothing is believed that was not stored. */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { createSlots } from "../../shared/adapters/slot-objects.ts";
import { slotObjectName } from "../../shared/ids.ts";
import { alarmOf, chain, eventsOf, runIdOf, started, succeed, TENANT } from "../support/workerd-runs.ts";
import { testEnv } from "../support/workerd-env.ts";

const LINE = chain("one", "two");
const RINGS = 7;
type Alarmed = { alarm(): Promise<void> };

afterEach(() => {
  vi.restoreAllMocks();
});

/** Hands out the object with its storage, and rings it; its class has the method. */
const inside = <T>(
  stub: Awaited<ReturnType<typeof started>>["stub"],
  work: (ring: () => Promise<void>, storage: DurableObjectStorage) => Promise<T>,
) => runInDurableObject(stub, (instance, { storage }) => work(() => (instance as unknown as Alarmed).alarm(), storage));

/** Gives what mends it. */
function breakStorage(storage: DurableObjectStorage): () => void {
  const broken = () => {
    throw new Error("disk I/O error");
  };
  const exec = vi.spyOn(storage.sql, "exec").mockImplementation(broken);
  const transactionSync = vi.spyOn(storage, "transactionSync").mockImplementation(broken);
  return () => {
    exec.mockRestore();
    transactionSync.mockRestore();
  };
}

it("is there again though its handler finds the storage broken, seven times in a row", async () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const plan = { ...LINE, run: { ...LINE.run, timeoutMs: 1 } }; // each sweep wants to write that it is over
  const { run, stub } = await started("seven", plan);
  const alarms = await inside(stub, async (ring, storage) => {
    const mend = breakStorage(storage);
    const found: boolean[] = [];
    for (let rung = 0; rung < RINGS; rung += 1) {
      await storage.deleteAlarm();
      await ring();
      found.push((await storage.getAlarm()) !== null);
    }
    mend();
    await ring();
    return found;
  });
  expect(alarms).toEqual(Array.from({ length: RINGS }, () => true));
  expect(logged.mock.calls.filter(([line]) => String(line).includes("alarm.failed"))).toHaveLength(RINGS);
  expect([await eventsOf(stub), await run.wait(0)]).toEqual([[["run.started"], ["run.ended"]], "failed"]);
});

it("is rung again by the platform when the storage takes not even an alarm", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const { stub } = await started("full", LINE);
  await inside(stub, async (ring, storage) => {
    const setAlarm = vi.spyOn(storage, "setAlarm").mockRejectedValue(new Error("database or disk is full"));
    await expect(ring()).rejects.toThrow("database or disk is full");
    setAlarm.mockRestore();
  });
});

it("that the platform has given up is there again as soon as somebody looks at the run", async () => {
  const { run, stub } = await started("given up", LINE);
  await inside(stub, (_, storage) => storage.deleteAlarm());
  await evictDurableObject(stub);
  await run.view({ offset: 0, limit: 1 });
  expect(await alarmOf(stub)).not.toBeNull();
  for (const step of ["one", "two"]) await succeed(run, step);
  expect((await eventsOf(stub)).at(-1)).toEqual(["run.ended"]);
});

it("a slot is not given away by an object that could not read who has it", async () => {
  const key = "broken storage";
  const wish = (step: string) => ({
    tenant: TENANT,
    runId: runIdOf(key),
    step,
    workflow: "sample",
    node: step,
    lease: 1,
    limit: 1,
    forMs: 60_000,
  });
  const slots = createSlots(testEnv.SLOTS).of(TENANT, "step", key);
  const stub = testEnv.SLOTS.get(testEnv.SLOTS.idFromName(slotObjectName(TENANT, "step", key)));
  expect(await slots.acquire(wish("first"))).toEqual({ kind: "granted" });
  const mend = await runInDurableObject(stub, (_, { storage }) => breakStorage(storage));
  const refused = await slots.acquire(wish("second")).catch((thrown: unknown) => thrown);
  expect(refused).toMatchObject({ message: "disk I/O error" });
  mend();
  expect(await slots.acquire(wish("second"))).toMatchObject({ kind: "waiting", held: 1 });
});
