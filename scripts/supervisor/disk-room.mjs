/** Whether the disk under the data directory has room for anything. */
import { statfsSync } from "node:fs";

/** SQLite wants some pages for every file that it opens. */
const MIN_BYTES = 256 * 1024;

export function isDiskFull(dir) {
  try {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize < MIN_BYTES;
  } catch {
    return false; // a directory that is gone is another problem, and not hidden by this one
  }
}
