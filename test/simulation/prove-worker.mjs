/** A thread of `npm run prove`: goes through the seeds `first`, `first + stride`, … below `end`, and says what failed and how far it is. */
import { parentPort, workerData } from "node:worker_threads";
import { loadTs } from "../../scripts/load-ts.mjs";

const SAY_EVERY = 200;

const { failureOf } = await loadTs("test/simulation/prove.ts");
const { first, end, stride } = workerData;
let done = 0;
for (let seed = first; seed < end; seed += stride) {
  const failure = failureOf(seed);
  if (failure !== undefined) parentPort.postMessage({ seed, failure: String(failure?.stack ?? failure) });
  done += 1;
  if (done % SAY_EVERY === 0 || seed + stride >= end) {
    parentPort.postMessage({ done });
    done = 0;
  }
}
