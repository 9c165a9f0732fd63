import { describe, expect, it } from "vitest";
import { createQuietHosts, HostQuiet, MAX_QUIET_MS, pauseForHost } from "../../../workers/runner/quiet-hosts.ts";

const T0 = 1_700_000_000_000;
const answer = (status: number, retryAfter?: string) => ({
  status,
  headers: new Headers(retryAfter === undefined ? {} : { "retry-after": retryAfter }),
});

function hosts() {
  const clock = { now: T0 };
  const quiet = createQuietHosts(() => clock.now);
  /** Until when the host is left alone, in milliseconds from now; 0: it may be called. */
  const quietMs = (tenant: string, host: string): number => {
    try {
      quiet.check(tenant, host);
      return 0;
    } catch (thrown) {
      if (!(thrown instanceof HostQuiet)) throw thrown;
      return thrown.until - clock.now;
    }
  };
  return { clock, quiet, quietMs };
}

describe("a host", () => {
  it.each([
    ["429 with seconds", answer(429, "30"), 30_000],
    ["429 with a date", answer(429, new Date(T0 + 20_000).toUTCString()), 20_000],
    ["429 that does not say how long", answer(429), 1000],
    ["503 with seconds", answer(503, "7"), 7000],
    ["503 that does not say how long", answer(503), 0],
    ["429 with a day", answer(429, "86400"), MAX_QUIET_MS],
    ["success with Retry-After", answer(200, "30"), 0],
  ])("that answers %s is left alone so long", (_, response, ms) => {
    const { quiet, quietMs } = hosts();
    quiet.note("t", "api.example", response);
    expect(quietMs("t", "api.example")).toBe(ms);
  });

  it("is left alone by the tenant that it answered, and no other host is", () => {
    const { quiet, quietMs } = hosts();
    quiet.note("t", "api.example", answer(429, "30"));
    expect([quietMs("other", "api.example"), quietMs("t", "api.example:8080")]).toEqual([0, 0]);
  });

  it("is called again when the time is over, and a shorter wish does not shorten a longer one", () => {
    const { clock, quiet, quietMs } = hosts();
    quiet.note("t", "h", answer(429, "30"));
    quiet.note("t", "h", answer(429, "5"));
    expect(quietMs("t", "h")).toBe(30_000);
    clock.now += 30_000;
    expect(quietMs("t", "h")).toBe(0);
  });

  it("that was noted longest ago is forgotten when there are too many", () => {
    const { quiet, quietMs } = hosts();
    for (let index = 0; index <= 1000; index += 1) quiet.note("t", `h${index}`, answer(429, "30"));
    expect([quietMs("t", "h0"), quietMs("t", "h1"), quietMs("t", "h1000")]).toEqual([0, 30_000, 30_000]);
  });
});

it("a step waits for a host a little longer than asked, not at the same moment as the others, and says for whom", () => {
  const pauses = Array.from({ length: 50 }, () => pauseForHost(new HostQuiet("api.example", T0 + 10_000), T0));
  const dues = pauses.map(({ dueAt = 0 }) => dueAt - T0);
  expect([Math.min(...dues) >= 10_000, Math.max(...dues) <= 15_001, new Set(dues).size > 10]).toEqual([true, true, true]);
  expect(pauses[0]).toEqual({
    kind: "paused",
    reason: "retry_backoff",
    isCall: true,
    dueAt: expect.any(Number),
    waitMs: expect.any(Number),
    note: "api.example asked to be left alone until 2023-11-14T22:13:30.000Z (429 or 503 with Retry-After)",
  });
});
