import { clock_time_get, proc_exit, random_get } from "./wasi_snapshot_preview1";

const REALTIME = 0;
const EXIT_IO = 74;
const time: usize = memory.data(8, 8);

function refuse(): void {
  proc_exit(EXIT_IO);
  unreachable();
}

/** Random bytes; the step seeds them, so a second run of the same step has the same ones. */
export function randomBytes(length: usize): usize {
  const start = heap.alloc(length);
  if (random_get(start, length) != 0) refuse();
  return start;
}

/** When the step became ready, in milliseconds since 1970. */
export function nowMs(): u64 {
  if (clock_time_get(REALTIME, 1_000_000, time) != 0) refuse();
  return load<u64>(time) / 1_000_000;
}
