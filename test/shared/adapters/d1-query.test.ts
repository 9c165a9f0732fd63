import { afterEach, expect, it, vi } from "vitest";
import { z } from "zod";
import { execute, queryRows } from "../../../shared/adapters/d1-query.ts";

afterEach(() => {
  vi.useRealTimers();
});

it("a database that does not answer within ten seconds is storage_unavailable", async () => {
  vi.useFakeTimers();
  const never = () => new Promise(() => undefined);
  const statement = { bind: () => statement, all: never };
  // What the adapters call of it.
  const db = { prepare: () => statement, batch: never } as unknown as D1Database;
  const codes: unknown[] = [];
  const note = (error: unknown) => void codes.push(error instanceof Error && "code" in error ? error.code : error);
  const asked = Promise.all([queryRows(db, z.object({}), "SELECT 1").catch(note), execute(db, ["SELECT 1"]).catch(note)]);
  await vi.advanceTimersByTimeAsync(9900);
  expect(codes).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  await asked;
  expect(codes).toEqual(["storage_unavailable", "storage_unavailable"]);
});
