import { writeAll } from "./io";
import { proc_exit } from "./wasi_snapshot_preview1";

const STDERR = 2;
/** EX_SOFTWARE of sysexits.h: a defect of the part itself. */
const EXIT_DEFECT = 70;

/** Stands in for the compiler's `env.abort`, which no host of parts has: says why on stderr and ends with 70. */
export function abort(message: string | null, _file: string | null, line: u32, column: u32): void {
  const text = (message === null ? "aborted" : message) + " at " + line.toString() + ":" + column.toString() + "\n";
  const bytes = String.UTF8.encode(text);
  writeAll(STDERR, changetype<usize>(bytes), bytes.byteLength);
  proc_exit(EXIT_DEFECT);
  unreachable();
}
