import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cronProblem, decideFiring, isTooLate, MAX_COUNTED, ON_TIME_MS } from "../../../shared/model/schedule.ts";

const MINUTE = 60_000;
const ms = (iso: string): number => Date.parse(iso);
const iso = (at: number | null | undefined): string | null => (at === null || at === undefined ? null : new Date(at).toISOString());
const schedule = (cron: string, timezone = "UTC", catchUp: "none" | "last" = "none") => ({ cron, timezone, catchUp });

/** The next firings after a moment, each one asked for when the one before has come. */
function firings(cron: string, timezone: string, after: string, count: number): readonly (string | null)[] {
  const found: (string | null)[] = [];
  for (let at: number | null = ms(after); at !== null && found.length < count; found.push(iso(at)))
    at = decideFiring(schedule(cron, timezone), at).nextAt;
  return found;
}

describe("a schedule in its time zone", () => {
  it.each<[string, string, string, string, readonly string[]]>([
    [
      "every day at nine in Taipei",
      "0 9 * * *",
      "Asia/Taipei",
      "2026-03-28T00:00:00Z",
      ["2026-03-28T01:00:00.000Z", "2026-03-29T01:00:00.000Z"],
    ],
    [
      "at half past two in Berlin, a time that the night of spring leaves out, at three then",
      "30 2 * * *",
      "Europe/Berlin",
      "2026-03-28T00:00:00Z",
      ["2026-03-28T01:30:00.000Z", "2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"],
    ],
    [
      "at half past two in Berlin, which the night of autumn has twice, the first time only",
      "30 2 * * *",
      "Europe/Berlin",
      "2026-10-24T00:00:00Z",
      ["2026-10-24T00:30:00.000Z", "2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"],
    ],
    [
      "every hour through the longer night of autumn without a gap",
      "0 * * * *",
      "Europe/Berlin",
      "2026-10-24T23:30:00Z",
      ["2026-10-25T00:00:00.000Z", "2026-10-25T01:00:00.000Z", "2026-10-25T02:00:00.000Z", "2026-10-25T03:00:00.000Z"],
    ],
    [
      "every half hour through the shorter night of spring",
      "*/30 * * * *",
      "Europe/Berlin",
      "2026-03-29T00:10:00Z",
      ["2026-03-29T00:30:00.000Z", "2026-03-29T01:00:00.000Z", "2026-03-29T01:30:00.000Z"],
    ],
    ["on a leap day", "0 0 29 2 *", "UTC", "2026-03-01T00:00:00Z", ["2028-02-29T00:00:00.000Z", "2032-02-29T00:00:00.000Z"]],
    ["by a nickname", "@daily", "UTC", "2026-03-01T00:00:00Z", ["2026-03-02T00:00:00.000Z"]],
  ])("fires %s", (_, cron, timezone, after, expected) => {
    expect(firings(cron, timezone, after, expected.length)).toEqual(expected);
  });
});

describe("a firing", () => {
  const HOURLY = "0 * * * *";
  const due = ms("2026-01-01T12:00:00Z");
  const next = ms("2026-01-01T13:00:00Z");

  it("of a new schedule is planned, not fired", () => {
    expect(decideFiring(schedule(HOURLY), due)).toEqual({ nextAt: next, missed: 0 });
  });

  it("is not fired before its moment, and is at its moment", () => {
    expect(decideFiring(schedule(HOURLY), due - 1, due)).toEqual({ nextAt: due, missed: 0 });
    expect(decideFiring(schedule(HOURLY), due, due)).toEqual({ fireAt: due, nextAt: next, missed: 0 });
  });

  it.each([
    ["none", ON_TIME_MS, { fireAt: due, nextAt: next, missed: 0 }],
    ["none", ON_TIME_MS + 1, { nextAt: next, missed: 1 }],
    ["last", ON_TIME_MS + 1, { fireAt: due, nextAt: next, missed: 0 }],
    ["last", 50 * MINUTE, { fireAt: due, nextAt: next, missed: 0 }],
  ] as const)("with catch-up %s that comes %d ms late is decided so", (catchUp, late, expected) => {
    expect(decideFiring(schedule(HOURLY, "UTC", catchUp), due + late, due)).toEqual(expected);
  });

  it.each([
    ["none", { nextAt: ms("2026-01-01T16:00:00Z"), missed: 4 }],
    ["last", { fireAt: ms("2026-01-01T15:00:00Z"), nextAt: ms("2026-01-01T16:00:00Z"), missed: 3 }],
  ] as const)("with catch-up %s after hours away", (catchUp, expected) => {
    expect(decideFiring(schedule(HOURLY, "UTC", catchUp), ms("2026-01-01T15:30:00Z"), due)).toEqual(expected);
  });

  it("that was missed a year long is counted up to a limit, quickly", () => {
    const decided = decideFiring(schedule("* * * * *", "Europe/Berlin", "last"), ms("2027-01-01T12:00:30Z"), due);
    expect(decided).toEqual({ fireAt: ms("2027-01-01T12:00:00Z"), nextAt: ms("2027-01-01T12:01:00Z"), missed: MAX_COUNTED - 1 });
  });

  it("comes nearer again when the clock was set back", () => {
    expect(decideFiring(schedule(HOURLY), due, ms("2027-01-01T00:00:00Z"))).toEqual({ nextAt: next, missed: 0 });
  });

  it("that the rules of its time zone have moved is planned anew", () => {
    const planned = ms("2026-01-01T12:30:00Z"); // no firing of this expression
    expect(decideFiring(schedule(HOURLY), planned + 1, planned)).toEqual({ nextAt: next, missed: 0 });
  });

  it("that was decided may still be done late only if it is caught up", () => {
    const late = due + ON_TIME_MS + 1;
    expect([isTooLate(schedule(HOURLY), due, late), isTooLate(schedule(HOURLY), due, late - 1)]).toEqual([true, false]);
    expect(isTooLate(schedule(HOURLY, "UTC", "last"), due, late + 1e9)).toBe(false);
  });
});

describe("a cron expression", () => {
  it.each(["*/5 * * * *", "0 12 * * MON-FRI", "0 0 L * *", "0 0 * * 5#2", "@daily", " 0 0 29 2 * "])("may be %j", (text) => {
    expect(cronProblem(text)).toBeUndefined();
  });

  it.each(["", "* * * *", "* * * * * *", "61 * * * *", "@reboot", "2026-01-01T00:00:00", "0 0 30 2 *", "x"])("may not be %j", (text) => {
    expect(cronProblem(text)).toEqual(expect.stringMatching(/\w/));
  });
});

// ---------------------------------------------------------------- properties

const cron = fc
  .tuple(
    fc.constantFrom("*", "*/7", "0", "30", "15,45", "5-9"),
    fc.constantFrom("*", "*/3", "2", "0,2,3", "1-4"),
    fc.constantFrom("*", "1", "28-31", "*/10"),
    fc.constantFrom("*", "3", "10", "3,10"),
    fc.constantFrom("*", "SUN", "MON-FRI"),
  )
  .map((fields) => fields.join(" "));
const timezone = fc.constantFrom("UTC", "Europe/Berlin", "Asia/Taipei", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu");
const moment = fc.integer({ min: ms("2025-01-01T00:00:00Z"), max: ms("2029-01-01T00:00:00Z") });
const gaps = fc.array(fc.oneof(fc.integer({ min: 1, max: 3 * MINUTE }), fc.integer({ min: 1, max: 40 * 24 * 60 * MINUTE })), {
  minLength: 1,
  maxLength: 12,
});

describe("over time, whenever somebody looks", () => {
  it("no moment is fired twice, none that is not due, and what was due is fired or counted", () => {
    fc.assert(
      fc.property(cron, timezone, fc.constantFrom("none", "last"), moment, gaps, (text, zone, catchUp, start, steps) => {
        const one = schedule(text, zone, catchUp);
        let now = start;
        let { nextAt } = decideFiring(one, now);
        const fired: number[] = [];
        let [missed, isExact] = [0, true];
        for (const step of steps) {
          const before = nextAt;
          now += step;
          const decided = decideFiring(one, now, before);
          expect(decideFiring(one, now, before)).toEqual(decided);
          nextAt = decided.nextAt;
          missed += decided.missed;
          isExact &&= decided.missed < MAX_COUNTED - 1;
          expect(nextAt === null || nextAt > now).toBe(true);
          if (decided.fireAt === undefined) continue;
          expect([decided.fireAt <= now, before !== null && decided.fireAt >= before]).toEqual([true, true]);
          if (catchUp === "none") expect(now - decided.fireAt).toBeLessThanOrEqual(ON_TIME_MS);
          fired.push(decided.fireAt);
        }
        expect(fired).toEqual([...new Set(fired)].toSorted((a, b) => a - b));
        if (!isExact) return;
        let due = 0;
        for (let at = decideFiring(one, start).nextAt; at !== null && at <= now; due++) at = decideFiring(one, at).nextAt;
        expect(fired.length + missed).toBe(due);
      }),
      { numRuns: 60 },
    );
  });
});
