/**
 * What a call of each part costs: `node bench/parts.mjs`, also part of `npm run bench:parts`. Each call is a fresh instance: its making, stdin, the work,
 * stdout, its end. `bare` is the same module, the same input, and imports that do the least that lets it run: no limits, no checks, no copies.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { buildParts } from "../scripts/build-parts.mjs";
import { loadTs } from "../scripts/load-ts.mjs";
import { quantile } from "./client.mjs";

const ROUNDS = 400;
const WARM_UP = 200;
const MAX_STDOUT_BYTES = 10 * 2 ** 20;
const encoder = new TextEncoder();

await buildParts({ quiet: true });
const { runPart } = await loadTs("workers/runner/part-host.ts");
const { runJsPart } = await loadTs("workers/runner/js-part-host.ts");
const { FUEL_EXPORT } = await loadTs("shared/metering/inspect-module.ts");
const engine = new WebAssembly.Module(readFileSync("generated/parts/js-engine.wasm"));

/** The first case that succeeds: what a user would call usual. */
function usualCase(name) {
  const cases = parse(readFileSync(`parts/${name}/cases.yaml`, "utf8"));
  const { given, exchanges = [] } = cases.find(({ expect }) => expect.success === true || expect.pending === true) ?? cases[0];
  const json = (value) => encoder.encode(typeof value === "string" ? value : JSON.stringify(value));
  return { stdin: json(given), exchanges: exchanges.map(({ result }) => ({ resultBytes: json(result) })) };
}

/** Microseconds: `{ median, p99 }`. */
function measure(call) {
  for (let n = 0; n < WARM_UP; n += 1) call();
  const times = Array.from({ length: ROUNDS }, () => {
    const startedAt = performance.now();
    call();
    return (performance.now() - startedAt) * 1000;
  });
  return { median: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

function bareCall(module, { stdin, exchanges }) {
  const part = { memory: undefined, view: undefined };
  let [at, calls] = [0, 0];
  const exit = new Error("exit");
  const fresh = () => {
    if (part.view?.buffer !== part.memory.buffer) part.view = new DataView(part.memory.buffer);
    return part.view;
  };
  const io = (move) => (_fd, iovs, count, result) => {
    let total = 0;
    for (let n = 0; n < count; n += 1) total += move(fresh().getUint32(iovs + 8 * n, true), fresh().getUint32(iovs + 8 * n + 4, true));
    fresh().setUint32(result, total, true);
    return 0;
  };
  const read = (pointer, length) => {
    const bytes = stdin.subarray(at, at + length);
    new Uint8Array(part.memory.buffer, pointer, bytes.length).set(bytes);
    at += bytes.length;
    return bytes.length;
  };
  const known = {
    fd_read: io(read),
    fd_write: io((_pointer, length) => length),
    proc_exit: () => {
      throw exit;
    },
    call: () => calls++,
    result_len: (handle) => exchanges[handle].resultBytes.length,
    result_read: (handle, pointer, length) => {
      new Uint8Array(part.memory.buffer, pointer, length).set(exchanges[handle].resultBytes.subarray(0, length));
      return length;
    },
  };
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) (imports[from] ??= {})[name] = known[name] ?? (() => 0);
  const { exports } = new WebAssembly.Instance(module, imports);
  part.memory = exports.memory;
  exports[FUEL_EXPORT].value = 5_000_000_000n;
  try {
    exports._start();
  } catch (thrown) {
    if (thrown !== exit) throw thrown;
  }
}

function rowOf(name) {
  const given = usualCase(name);
  const run = { ...given, fuel: 5e9, nowMs: 0, seed: new Uint8Array(32), maxStdoutBytes: MAX_STDOUT_BYTES };
  const isJs = existsSync(`parts/${name}/main.ts`);
  const module = isJs ? undefined : new WebAssembly.Module(readFileSync(`generated/parts/${name}.wasm`));
  const program = isJs ? { image: readFileSync(`generated/parts/${name}.bin`), memoryMib: 64 } : undefined;
  const call = () => (isJs ? runJsPart(engine, program, run) : runPart(module, run));
  const outcome = call();
  if (outcome.kind !== "answered") throw new Error(`${name}: ${JSON.stringify(outcome)}`);
  const { median, p99 } = measure(call);
  const bare = isJs ? undefined : measure(() => bareCall(module, given)).median;
  return [
    name,
    isJs ? "JavaScript" : "WASM",
    median.toFixed(0),
    p99.toFixed(0),
    bare === undefined ? "" : `${(median / bare).toFixed(2)} × bare`,
  ];
}

const names = readdirSync("parts").filter((name) => existsSync(`parts/${name}/part.yaml`));
const rows = [["a call of a part", "", "median µs", "p99 µs", ""], ...names.map(rowOf)];
const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
for (const row of rows)
  console.log(row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join("  "));
