/** JavaScript parts in workerd: an engine that is imported and never compiled here, images that are imported as bytes. */
import { describe, expect, it } from "vitest";
import { PART_BYTES } from "../../generated/part-bytes.ts";
import { PART_MANIFESTS } from "../../generated/part-manifests.ts";
import type { PartOutcome, PartRun } from "../../workers/runner/part-host.ts";
import { createPartLibrary } from "../../workers/runner/part-library.ts";
import { createPartLoader } from "../../workers/runner/part-loader.ts";
import { store } from "../support/workerd-parts.ts";

const library = createPartLibrary({ manifests: PART_MANIFESTS, ...PART_BYTES }, store, createPartLoader(undefined, store));
const encoder = new TextEncoder();

async function run(name: string, input: unknown, more: Partial<PartRun> = {}): Promise<PartOutcome> {
  const part = await library.find("t", name, null);
  if (part === undefined) throw new Error(`there is no part ${name}`);
  const common = { exchanges: [], nowMs: 1_700_000_000_123, seed: Uint8Array.of(1), maxStdoutBytes: 1_000_000 };
  return part.run({ ...common, stdin: encoder.encode(JSON.stringify(input)), fuel: part.manifest.fuel, ...more });
}

const answerOf = (outcome: PartOutcome): unknown =>
  outcome.kind === "answered" ? JSON.parse(new TextDecoder().decode(outcome.stdout)) : outcome;

describe("A JavaScript part in workerd", () => {
  it("computes, with nothing of the Worker around it", async () => {
    const code =
      "return [input.n * 2, typeof fetch + typeof process + typeof require, Date.now(), (globalThis.n = (globalThis.n ?? 0) + 1)];";
    const expected = { success: true, data: [6, "undefined".repeat(3), 1_700_000_000_123, 1] };
    expect(answerOf(await run("code", { code, input: { n: 3 } }))).toEqual(expected);
    expect(answerOf(await run("code", { code, input: { n: 3 } }))).toEqual(expected);
  });

  it("uses the libraries and tables that lie in its image", async () => {
    const date = { op: "to_timezone", date: "2026-07-01T00:00:00Z", timezone: "Asia/Tokyo" };
    expect(answerOf(await run("date_ops", date))).toEqual({ success: true, data: { result: "2026-07-01T09:00:00+09:00" } });
    expect(answerOf(await run("html_extract", { html: "<p>a<b>c</b>", selector: "p > b" }))).toEqual({
      success: true,
      data: { result: "c" },
    });
  });

  it("is stopped by its fuel, by its memory, and by a call that is not answered", async () => {
    expect(await run("code", { code: "for (;;);", limits: { fuel: 50_000_000 } })).toMatchObject({
      error: { code: "part.out_of_fuel" },
      fuelUsed: 50_000_000,
    });
    expect(await run("code", { code: "const a = []; for (;;) a.push({});", limits: { memory_mib: 4 } })).toMatchObject({
      error: { code: "part.out_of_memory" },
    });
    const called = await run("code", { code: "await arcrun.sleep('1d'); return 1;" });
    expect(called.kind === "called" && JSON.parse(new TextDecoder().decode(called.request))).toEqual({ call: "sleep", for: "1d" });
  });

  it("gets its own error for a recursion that goes too deep, with room to spare on the stack of the Worker", async () => {
    const shapes = [
      "const f = () => f() + 1; f();",
      "const o = { get x() { return this.x; } }; o.x;",
      "const f = () => [2, 1].map(f); f();",
      "const o = { toString() { return `${o}`; } }; String(o);",
      "const f = () => 'a'.replace(/a/, f); f();",
      "class A { constructor() { new A(); } } new A();",
      "JSON.parse('['.repeat(1e5));",
    ];
    for (const code of shapes)
      expect(answerOf(await run("code", { code }))).toMatchObject({
        error: { code: "code.threw", message: expect.stringMatching(/^RangeError: Max/) },
      });
  });
});
