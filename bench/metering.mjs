/**
 * `node bench/metering.mjs`: what metering costs, as the ratio of a kernel's time metered to its time as it was compiled. The kernels run in
 * workerd, as parts do, the two forms in turns; of each the fastest of several is taken. The time is this process's, since that of a
 * Worker stands still while it computes, less that of a request which computes nothing.
 */
import { main as compile } from "assemblyscript/asc";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { loadTs } from "../scripts/load-ts.mjs";
import { KERNELS, ROUNDS } from "./metering-kernels.mjs";

const REPEATS = 15;
const PAGES = 64;
const FUEL = 2n ** 62n;

/** A fresh instance for each request, as each run of a part has one. */
const WORKER = `
import bare from "./bare.wasm";
import metered from "./metered.wasm";
export default {
  async fetch(request) {
    const { form, kernel, rounds } = await request.json();
    const { exports } = new WebAssembly.Instance(form === "bare" ? bare : metered, {});
    if (exports.arcrun_fuel !== undefined) exports.arcrun_fuel.value += ${FUEL}n;
    exports._start();
    const checksum = kernel === undefined ? 0 : exports[kernel](rounds);
    const fuel = exports.arcrun_fuel === undefined ? 0n : ${FUEL}n - exports.arcrun_fuel.value;
    return Response.json({ checksum, fuel: String(fuel) });
  },
};`;

async function compileKernels() {
  let wasm;
  const options = "main.ts --outFile main.wasm -O3 --noAssert --runtime stub --exportStart _start --use abort=main/abort".split(" ");
  const { error } = await compile(options, {
    readFile: (name) => (name === "main.ts" ? KERNELS : null),
    writeFile: (_name, content) => (wasm = content),
    listFiles: () => [],
  });
  if (error !== null || wasm === undefined) throw error ?? new Error("the kernels gave no module");
  return wasm;
}

async function timeOnce(worker, order) {
  const begun = performance.now();
  const response = await worker.dispatchFetch("http://127.0.0.1/", { method: "POST", body: JSON.stringify(order) });
  const answer = await response.json();
  return { ms: performance.now() - begun, ...answer };
}

async function fastest(worker, orders) {
  const best = orders.map(() => undefined);
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    for (const [index, order] of orders.entries()) {
      const timed = await timeOnce(worker, order);
      const known = best[index];
      if (known !== undefined && (known.fuel !== timed.fuel || known.checksum !== timed.checksum))
        throw new Error(`${order.kernel} did something else the second time`);
      if (known === undefined || timed.ms < known.ms) best[index] = timed;
    }
  }
  return best;
}

async function measure(worker, kernel) {
  const [nothing, bare, metered] = await fastest(worker, [
    { form: "bare" },
    { form: "bare", kernel, rounds: ROUNDS[kernel] },
    { form: "metered", kernel, rounds: ROUNDS[kernel] },
  ]);
  if (bare.checksum !== metered.checksum) throw new Error(`${kernel}: metered it gives something else`);
  const [a, b] = [bare.ms - nothing.ms, metered.ms - nothing.ms];
  return {
    kernel,
    "bare ms": a.toFixed(1),
    "metered ms": b.toFixed(1),
    ratio: (b / a).toFixed(2),
    "fuel per ns": (Number(metered.fuel) / (b * 1e6)).toFixed(2),
  };
}

const wasm = await compileKernels();
const { meter } = await loadTs("shared/metering/meter.ts");
const metered = meter(wasm, { maxMemoryPages: PAGES });
const worker = new Miniflare(
  convertV4MiniflareOptions({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    telemetry: { enabled: false },
    unsafeLocalExplorer: false,
    unsafeObservability: false,
    compatibilityDate: "2026-10-01",
    modules: [
      { type: "ESModule", path: "worker.mjs", contents: WORKER },
      { type: "CompiledWasm", path: "bare.wasm", contents: wasm },
      { type: "CompiledWasm", path: "metered.wasm", contents: metered },
    ],
  }),
);
try {
  await worker.ready;
  console.log(`${wasm.length} bytes, metered ${metered.length}`);
  const rows = [];
  for (const kernel of Object.keys(ROUNDS)) rows.push(await measure(worker, kernel));
  console.table(rows);
} finally {
  await worker.dispose();
}
