import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runJsPart } from "../../../workers/runner/js-part-host.ts";
import type { PartOutcome, PartRun } from "../../../workers/runner/part-host.ts";
import { readJsEngine } from "../../parts/built-parts.ts";
import { decoder, encoder, ended } from "./run-wat.ts";

const engine = readJsEngine();
const defaults: PartRun = {
  stdin: encoder.encode("{}"),
  exchanges: [],
  fuel: 500_000_000,
  nowMs: 1_700_000_000_123,
  seed: Uint8Array.from([1, 2, 3]),
  maxStdoutBytes: 100_000,
};
const runSource = (source: string, options: Partial<PartRun> = {}, memoryMib = 8): PartOutcome =>
  runJsPart(engine, { source, memoryMib }, { ...defaults, ...options });
/** The body of an async function of `input` and `arcrun`. */
const run = (body: string, options: Partial<PartRun> = {}, memoryMib = 8): PartOutcome =>
  runSource(`export default async (input, arcrun) => { ${body} }`, options, memoryMib);

function answerOf(outcome: PartOutcome): unknown {
  return outcome.kind === "answered" ? JSON.parse(decoder.decode(outcome.stdout)) : outcome;
}
const failure = (message: unknown, code = "part.failed"): unknown => ({ success: false, error: { code, message, retryable: false } });

describe("A JavaScript part", () => {
  it("answers with what it returns, and says what it used and logged", () => {
    const outcome = run("console.log('a', { b: 1 }, undefined); console.error('c'); return { success: true, data: input.x };", {
      stdin: encoder.encode('{"x":"世界"}'),
    });
    expect(outcome).toEqual({
      kind: "answered",
      stdout: encoder.encode('{"success":true,"data":"世界"}'),
      stderr: 'a {"b":1} undefined\nc\n',
      fuelUsed: expect.any(Number),
    });
  });

  it("uses the same fuel for the same input, on any machine", () => {
    const body =
      "let sum = 0; for (let i = 0; i < 1000; i += 1) sum += Math.random() * i; return [sum, new Date(), Object.keys(globalThis)];";
    const [first, second] = [run(body), run(body)];
    expect(first).toEqual(second);
    expect(first.kind).toBe("answered");
    expect(run(body, { seed: Uint8Array.of(9) }).kind).toBe("answered");
  });

  it("runs out of fuel at exactly one budget", () => {
    const body = "for (let i = 0; i < 100; i += 1); return 1;";
    const { fuelUsed } = run(body);
    expect([fuelUsed - 1, fuelUsed].map((fuel) => ended(run(body, { fuel })))).toEqual(["part.out_of_fuel", "answered"]);
  });

  it("has a clock that stands still, and chance that the seed decides", () => {
    const body = "return [Date.now(), new Date().getTimezoneOffset(), typeof performance, Math.random(), Math.random()];";
    const [at, offset, performance, one, two] = Object(answerOf(run(body)));
    expect([at, offset, performance]).toEqual([1_700_000_000_123, 0, "undefined"]);
    expect(one).not.toBe(two);
    expect(answerOf(run(body))).toEqual([at, offset, performance, one, two]);
    expect(Object(answerOf(run(body, { seed: Uint8Array.of(4) })))[3]).not.toBe(one);
  });

  it("does not know the host", () => {
    const names = ["fetch", "process", "require", "setTimeout", "WebAssembly", "Atomics", "os", "std", "Intl"];
    expect(answerOf(run(`return ${JSON.stringify(names)}.filter((name) => name in globalThis);`))).toEqual([]);
    expect(answerOf(run("return Object.keys(globalThis);"))).toEqual([]);
    expect(answerOf(run("await import('fs');"))).toEqual(failure("could not load module 'fs'"));
  });

  it("leaves nothing behind for the next", () => {
    const body =
      "globalThis.n = (globalThis.n ?? 0) + 1; Array.prototype.mine = 1; JSON.parse.mine = 1; return [globalThis.n, JSON.parse.mine];";
    expect([answerOf(run(body)), answerOf(run(body))]).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(answerOf(run("return [typeof globalThis.n, [].mine];"))).toEqual(["undefined", null]);
  });
});

describe("A JavaScript part that goes wrong", () => {
  it.each<[string, string, string]>([
    ["never ends", "for (;;);", "part.out_of_fuel"],
    ["never ends while it is loaded", "\0for (;;); export default 1", "part.out_of_fuel"],
    ["never ends in a promise", "for (;;) await 1;", "part.out_of_fuel"],
    ["never ends inside a function of the engine", "/(x+x+)+y/.test('x'.repeat(40));", "part.out_of_fuel"],
    ["never ends, and catches what it can", "for (;;) { try { for (;;); } catch {} finally { continue; } }", "part.out_of_fuel"],
    ["never ends in a getter of what it returns", "return { get a() { for (;;); } };", "part.out_of_fuel"],
    ["never ends in a proxy", "return new Proxy([], { get: () => { for (;;); } });", "part.out_of_fuel"],
    ["fills the memory with texts", "const all = []; for (;;) all.push('x'.repeat(1e5) + all.length);", "part.out_of_memory"],
    ["fills the memory with objects", "const all = []; for (;;) all.push({});", "part.out_of_memory"],
    ["fills the memory at once", "new Uint8Array(1e9);", "part.out_of_memory"],
    [
      "fills the memory in a promise that nobody awaits",
      "(async () => { const a = []; for (;;) a.push({}); })(); await 1; return 1;",
      "answered",
    ],
    ["awaits what never comes", "await new Promise(() => {});", "part.bad_output"],
    ["answers too much", "return 'x'.repeat(100_000);", "part.output_too_large"],
    ["is fed to the engine's parser", "eval('('.repeat(50_000));", "part.trapped"],
  ])("%s", (_what, body, expected) => {
    const go = (): PartOutcome =>
      body.startsWith("\0") ? runSource(body.slice(1), { fuel: 200_000_000 }) : run(body, { fuel: 2_000_000_000 });
    const outcome = go();
    expect(ended(outcome)).toBe(expected);
    expect(go()).toEqual(outcome);
  });

  it("fails with what it throws", () => {
    expect(answerOf(run("throw new TypeError('no');"))).toEqual(failure("no"));
    expect(answerOf(run("throw 'x';"))).toEqual(failure("x"));
    expect(answerOf(run("throw null;"))).toEqual(failure("null"));
    expect(answerOf(run("throw { toJSON() { throw 1; }, toString: 1 };"))).toEqual(failure("something was thrown that has no message"));
    expect(
      answerOf(run("throw Object.assign(new Error('jam'), { code: 'paper.jam', retryable: true, details: [1], retryAfterMs: 5 });")),
    ).toEqual({
      success: false,
      error: { code: "paper.jam", message: "jam", retryable: true, details: [1], retry_after_ms: 5 },
    });
  });

  it("fails even if looking at what it throws throws", () => {
    const unreadable = failure("something was thrown that has no message");
    expect(answerOf(run("throw { get message() { throw 1; } };"))).toEqual(unreadable);
    expect(answerOf(run("throw { toJSON() { throw 1; }, toString: 1 };"))).toEqual(unreadable);
  });

  it("fails when it cannot be read, or is no function", () => {
    expect(answerOf(runSource("export default ("))).toEqual(failure("unexpected token in expression: ''"));
    expect(answerOf(runSource("throw new Error('at once');"))).toEqual(failure("at once"));
    expect(answerOf(runSource("export const a = 1;"))).toEqual(
      failure("the default export of the program must be a function (input, arcrun)"),
    );
  });

  it("may catch a recursion that went too deep", () => {
    const body = "let depth = 0; const f = () => { depth += 1; f(); }; try { f(); } catch (error) { return [error.name, depth]; }";
    const [name, depth] = Object(answerOf(run(body)));
    expect(name).toBe("RangeError");
    expect(depth).toBeGreaterThan(300);
    expect(answerOf(run("const f = () => f() + 1; f();"))).toEqual(
      failure("a recursion went too deep: the input may be nested deeper than the part can follow"),
    );
  });

  it("goes on when it catches that memory ran out, and frees what it holds", () => {
    const body = "let all = []; try { for (;;) all.push({}); } catch { all = undefined; } return 'well';";
    expect(answerOf(run(body, { fuel: 2_000_000_000 }))).toBe("well");
  });

  it("lowers its own limits, and cannot raise them", () => {
    expect(run("arcrun.limit({ fuel: 2_000_000 }); for (;;);")).toMatchObject({ error: { code: "part.out_of_fuel" }, fuelUsed: 2_000_000 });
    const hungry =
      "arcrun.limit({ memory_mib: 64, fuel: 1e15 }); arcrun.limit({ memory_mib: 2 }); arcrun.limit({ memory_mib: NaN, fuel: -1 });";
    expect(run(`${hungry} const all = []; for (;;) all.push({});`)).toMatchObject({
      error: { code: "part.out_of_memory", message: "the part may have 2 MiB of memory and wanted more" },
    });
    expect(ended(run("arcrun.limit({ fuel: 1e15 }); for (;;);", { fuel: 1_000_000 }))).toBe("part.out_of_fuel");
  });
});

describe("The calls of a JavaScript part", () => {
  const results = (...values: readonly unknown[]) => values.map((value) => ({ resultBytes: encoder.encode(JSON.stringify(value)) }));
  const requested = (outcome: PartOutcome): unknown => (outcome.kind === "called" ? JSON.parse(decoder.decode(outcome.request)) : outcome);
  const body = `
    console.log("begun");
    const id = Math.random();
    const first = await arcrun.http({ url: "https://a.example", method: "POST", body: String(id) });
    const slept = await arcrun.sleep("3d");
    const [one, two] = await Promise.all([arcrun.callback({ note: "n" }), arcrun.run("other", { id })]);
    return [first.body, slept, one, two.output, id];`;

  it("stop it until they are answered, and are the same each time it runs again", () => {
    const given = results(
      { status: 200, headers: {}, body: "A" },
      { slept_ms: 7 },
      { success: true, data: [1] },
      { run_id: "r", status: "succeeded", output: 2 },
    );
    const asked = given.map((_, index) => requested(run(body, { exchanges: given.slice(0, index) })));
    const id = Object(answerOf(run(body, { exchanges: given })))[4];
    expect(asked).toEqual([
      { call: "http_request", request: { url: "https://a.example", method: "POST", body: String(id) } },
      { call: "sleep", for: "3d" },
      { call: "callback", note: "n" },
      { call: "run", workflow: "other", input: { id } },
    ]);
    expect(answerOf(run(body, { exchanges: given }))).toEqual(["A", 7, [1], 2, id]);
    expect(run(body, { exchanges: given })).toEqual(run(body, { exchanges: given }));
  });

  it("reject with what the host says, and cost the part nothing that it catches", () => {
    const exchanges = results({ error: { code: "egress.denied", message: "no", retryable: false, details: { hop: 1 } } });
    expect(answerOf(run("await arcrun.http({ url: 'x' });", { exchanges }))).toEqual({
      success: false,
      error: { code: "egress.denied", message: "no", retryable: false, details: { hop: 1 } },
    });
    expect(
      answerOf(
        run("try { await arcrun.http({ url: 'x' }); } catch (error) { return [error instanceof Error, error.code]; }", { exchanges }),
      ),
    ).toEqual([true, "egress.denied"]);
  });

  it("cannot be caught, so nothing runs after one that is not answered", () => {
    const tricky = "try { await arcrun.call({ call: 'x' }); } catch {} finally { console.log('on'); for (;;); }";
    expect(requested(run(tricky))).toEqual({ call: "x" });
    expect(ended(run("while (true) { try { arcrun.call({ call: 'x' }); } catch {} }"))).toBe("called");
  });

  it("hold when the program has changed everything that it can reach", () => {
    const tricks = `
      JSON.parse = JSON.stringify = () => "{}"; Promise.prototype.then = Promise.resolve = () => 1; Object.defineProperty = () => 1;
      Array.prototype.map = String.prototype.startsWith = () => { throw 1; }; Error.prototype.toString = () => "x";
      Object.prototype.default = 1; Object.defineProperty(Object.prototype, "error", { get() { return { code: "mine" }; } });`;
    expect(answerOf(run(`${tricks} return [3, 4];`))).toEqual([3, 4]);
    expect(answerOf(run(`${tricks} throw new Error("still");`))).toEqual(failure("still"));
  });
});

describe("Any text", () => {
  it("goes in and comes out unchanged, and never breaks the host", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(answerOf(run("return { success: true, data: input };", { stdin: encoder.encode(JSON.stringify(value)) }))).toEqual({
          success: true,
          data: JSON.parse(JSON.stringify(value)),
        });
      }),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (source) => {
        expect(["answered", "called", "failed"]).toContain(runSource(source, { fuel: 20_000_000 }).kind);
      }),
      { numRuns: 200 },
    );
  });
});
