/**
 * What a fresh JavaScript engine costs, and what the images save: `node bench/js-parts.mjs`. Milliseconds, in this process, each run with a
 * fresh instance: its making, the image, the input, the work, the answer.
 */
import { readFile } from "node:fs/promises";
import { buildParts } from "../scripts/build-parts.mjs";
import { loadTs } from "../scripts/load-ts.mjs";
import { buildEngine } from "../scripts/parts/build-engine.mjs";
import { bundleProgram } from "../scripts/parts/bundle-program.mjs";

const ROUNDS = 300;
const WARM_UP = 100;
const CALLS = {
  code: { code: "return 1" },
  csv_ops: { op: "parse", text: "a,b\n1,2" },
  date_ops: { op: "add", date: "2026-01-01", amount: 1, unit: "day" },
  diff: { before: "a\nb", after: "a\nc" },
  html_extract: { html: "<p>x</p>", selector: "p" },
  markdown_html: { markdown: "# a *b*" },
  regex_ops: { op: "test", text: "abc", pattern: "b+" },
  template: { template: "Hi {{ n }}", data: { n: 1 } },
  xml_ops: { op: "parse", text: "<a>1</a>" },
};

const manifests = await buildParts({ quiet: true });
const { module: engine, vm } = await buildEngine({ quiet: true });
const { runJsPart } = await loadTs("workers/runner/js-part-host.ts");

function measure(name, rounds, run) {
  for (let n = 0; n < Math.min(rounds, WARM_UP); n += 1) run();
  const times = Array.from({ length: rounds }, () => {
    const startedAt = performance.now();
    run();
    return performance.now() - startedAt;
  }).sort((a, b) => a - b);
  const at = (share) => times[Math.floor(rounds * share)].toFixed(2);
  console.log(`${name.padEnd(34)} median ${at(0.5)}  p90 ${at(0.9)}  p99 ${at(0.99)}`);
}

const run = (program, input) =>
  runJsPart(engine, program, {
    stdin: new TextEncoder().encode(JSON.stringify(input)),
    exchanges: [],
    fuel: 5e9,
    nowMs: 0,
    seed: new Uint8Array(32),
    maxStdoutBytes: 1e6,
  });

const imports = vm.engineImports({ engine: () => undefined, nowMs: 0, call: () => 0 });
measure("a frozen engine, nothing else", ROUNDS, () => new WebAssembly.Instance(engine, imports));
for (const [name, input] of Object.entries(CALLS)) {
  const { memoryMib } = manifests[name];
  const image = await readFile(`generated/parts/${name}.bin`);
  const outcome = run({ image, memoryMib }, input);
  if (outcome.kind !== "answered") throw new Error(`${name}: ${JSON.stringify(outcome)}`);
  measure(`${name} (${Math.round(image.length / 1024)} KiB)`, ROUNDS, () => run({ image, memoryMib }, input));
}
for (const name of ["date_ops", "markdown_html"]) {
  const program = { source: await bundleProgram(`parts/${name}/main.ts`), memoryMib: 64 };
  measure(`${name}, read from source each time`, 40, () => run(program, CALLS[name]));
}
