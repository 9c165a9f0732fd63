/** The sums of the faults that an engine tells of in its log: of each isolate the last line counts. */
import { readFileSync } from "node:fs";

export function readFaults(logFile) {
  const last = new Map();
  for (const [line] of readFileSync(logFile, "utf8").matchAll(/\{"event":"faults".*\}/g)) {
    const { isolate, counts } = JSON.parse(line);
    last.set(isolate, counts);
  }
  const sums = {};
  for (const counts of last.values()) for (const [kind, count] of Object.entries(counts)) sums[kind] = (sums[kind] ?? 0) + count;
  return sums;
}
