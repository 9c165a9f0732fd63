import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { root } from "./built-files.mjs";

const MAX_COMPILERS = 4;

/** Compiles parts in AssemblyScript in a few threads; `finished` is called for each with its module. */
export async function compileAll(parts, finished) {
  const queue = [...parts];
  const threads = Math.min(parts.length, availableParallelism(), MAX_COMPILERS);
  await Promise.all(Array.from({ length: threads }, () => compileFrom(queue, finished)));
}

async function compileFrom(queue, finished) {
  const worker = new Worker(new URL("../compile-part.mjs", import.meta.url), { workerData: { root } });
  try {
    for (let part = queue.shift(); part !== undefined; part = queue.shift()) await finished(part, await compileOne(worker, part.name));
  } finally {
    await worker.terminate();
  }
}

function compileOne(worker, name) {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", ({ wasm, problem }) => {
      worker.off("error", reject);
      if (wasm === undefined) reject(new Error(`parts/${name} does not compile:\n${problem}`));
      else resolve(wasm);
    });
    worker.postMessage(name);
  });
}
