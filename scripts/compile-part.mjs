/** A worker thread that compiles one AssemblyScript part after another: {name} in, {name, wasm} or {name, problem} out. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { main } from "assemblyscript/asc";

const OUTPUT = "part.wasm";
// --exportStart: the host calls _start itself, since before it returns there is no memory for the host to use
const OPTIONS =
  `--outFile ${OUTPUT} -O3 --noAssert --runtime stub --exportStart _start --use abort=parts/sdk/abort/abort --disable reference-types`.split(
    " ",
  );

async function compile(name) {
  let wasm;
  let problem = "";
  const { error } = await main([`parts/${name}/index.ts`, ...OPTIONS], {
    readFile: (path) => readFile(join(workerData.root, path), "utf8").catch(() => null),
    writeFile: (path, content) => {
      if (path === OUTPUT) wasm = content;
    },
    listFiles: () => [],
    stderr: {
      write: (text) => {
        problem += text;
      },
    },
  });
  if (error !== null || wasm === undefined) throw new Error(problem || String(error));
  return wasm;
}

parentPort.on("message", (name) => {
  void compile(name).then(
    (wasm) => parentPort.postMessage({ name, wasm }),
    (error) => parentPort.postMessage({ name, problem: error instanceof Error ? error.message : String(error) }),
  );
});
