/** `node test/golden/write.mjs`: adds the golden logs that are not there yet, for the version of today's engine. Never changes one. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { loadTs } from "../../scripts/load-ts.mjs";

const { writeGoldenLogs } = await loadTs("test/golden/golden-logs.ts");
const written = writeGoldenLogs(dirname(fileURLToPath(import.meta.url)));
console.log(written.length === 0 ? "all golden logs are there" : `written: ${written.join(", ")}`);
