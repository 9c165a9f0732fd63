import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { LogRow } from "../../shared/model/log.ts";
import { createSqliteLog } from "../../workers/runner/sqlite-log.ts";
import { describeLogStore } from "../conformance/log-store.ts";
import { testEnv } from "../support/workerd-env.ts";

let objects = 0;

/** In the storage of a Durable Object that nobody else has. */
function withStorage<T>(work: (storage: DurableObjectStorage) => T): Promise<T> {
  objects += 1;
  const stub = testEnv.RUNS.get(testEnv.RUNS.idFromName(`log ${objects}`));
  return runInDurableObject(stub, (_: unknown, { storage }: DurableObjectState) => work(storage));
}

const rowOf = (seq: number): LogRow => ({ seq, at: 1000 + seq, event: { type: "run.cancelled", reason: `row ${seq}` } });

describeLogStore("SQLite", (work) => withStorage((storage) => work(createSqliteLog(storage))));

describe("the log in SQLite", () => {
  it("goes on where it was when it is opened again", () =>
    withStorage((storage) => {
      createSqliteLog(storage).append([rowOf(1), rowOf(2)]);
      const again = createSqliteLog(storage);
      expect(() => again.append([rowOf(2)])).toThrow("does not follow");
      again.append([rowOf(3)]);
      expect(createSqliteLog(storage).read(0, 10)).toEqual([rowOf(1), rowOf(2), rowOf(3)]);
    }));

  it("writes one row of the table for one row of the log, with vertex and item of its step beside it", () =>
    withStorage((storage) => {
      const log = createSqliteLog(storage);
      log.append([{ seq: 1, at: 5, event: { type: "step.unknown", step: "line[3][0]", generation: 0, attempt: 1 } }, rowOf(2)]);
      expect(storage.sql.exec("SELECT seq, kind, vertex, item FROM log").toArray()).toEqual([
        { seq: 1, kind: "step.unknown", vertex: "line", item: "[3][0]" },
        { seq: 2, kind: "run.cancelled", vertex: null, item: null },
      ]);
    }));
});
