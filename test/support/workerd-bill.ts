/** What the platform is asked for while something goes on, counted where the platform counts it for its bill. */
import { runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import { testEnv } from "./workerd-env.ts";

export type Bill = {
  /** Of SQLite in Durable Objects; a `setAlarm` is a row written, too. */
  readonly objectRowsRead: number;
  readonly objectRowsWritten: number;
  readonly alarmsSet: number;
  readonly d1RowsRead: number;
  readonly d1RowsWritten: number;
  readonly d1Queries: number;
  /** Class A of R2 writes and lists, class B reads. */
  readonly r2Writes: number;
  readonly r2Reads: number;
  readonly messages: number;
};

/** Natives are found by what one of them is made of: their classes have no names here. */
const classOf = <T extends object>(one: T): T => Object.getPrototypeOf(one); // methods are taken from it, never called on it

/** Counts from now on, in this isolate, until `stop` gives the bill. */
export async function openBill(stub: DurableObjectStub): Promise<{ stop(): Promise<Bill> }> {
  const storage = await runInDurableObject(stub, (_: unknown, state: DurableObjectState) => classOf(state.storage));
  const sql = await runInDurableObject(stub, (_: unknown, state: DurableObjectState) => classOf(state.storage.sql));
  const spies = {
    exec: vi.spyOn(sql, "exec"),
    setAlarm: vi.spyOn(storage, "setAlarm"),
    all: vi.spyOn(classOf(testEnv.DB.prepare("SELECT 1")), "all"),
    batch: vi.spyOn(classOf(testEnv.DB), "batch"),
    put: vi.spyOn(classOf(testEnv.PAYLOADS), "put"),
    list: vi.spyOn(classOf(testEnv.PAYLOADS), "list"),
    get: vi.spyOn(classOf(testEnv.PAYLOADS), "get"),
    sendBatch: vi.spyOn(classOf(testEnv.STEPS), "sendBatch"),
  };
  return {
    async stop() {
      const cursors = spies.exec.mock.results.flatMap(({ type, value }) => (type === "return" ? [value] : []));
      const asked = [...spies.all.mock.settledResults, ...spies.batch.mock.settledResults].flatMap(({ type, value }) =>
        type === "fulfilled" ? value : [],
      );
      const bill: Bill = {
        objectRowsRead: sum(cursors, ({ rowsRead }) => rowsRead),
        objectRowsWritten: sum(cursors, ({ rowsWritten }) => rowsWritten),
        alarmsSet: spies.setAlarm.mock.calls.length,
        d1RowsRead: sum(asked, ({ meta }) => meta.rows_read),
        d1RowsWritten: sum(asked, ({ meta }) => meta.rows_written),
        d1Queries: asked.length,
        r2Writes: spies.put.mock.calls.length + spies.list.mock.calls.length,
        r2Reads: spies.get.mock.calls.length,
        messages: sum(spies.sendBatch.mock.calls, ([batch]) => [...batch].length),
      };
      for (const spy of Object.values(spies)) spy.mockRestore();
      return bill;
    },
  };
}

const sum = <T>(list: readonly T[], of: (one: T) => number): number => list.reduce((total, one) => total + of(one), 0);
