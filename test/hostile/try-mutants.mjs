/**
 * `node test/hostile/try-mutants.mjs <from> <to> <file>`: tries the mutants of the seeds from..to, and prints what became of them as JSON. The seed that is
 * being tried stands in the file, so that whoever watches knows it when this process hangs or dies.
 */
import { openSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadTs } from "../../scripts/load-ts.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const [from, to, file] = process.argv.slice(2);
const progress = openSync(file, "w");
const { tryMutants } = await loadTs("test/hostile/try-mutants.ts");
const tried = tryMutants(root, Number(from), Number(to), (seed) => writeSync(progress, String(seed).padEnd(12), 0));
console.log(JSON.stringify(tried));
