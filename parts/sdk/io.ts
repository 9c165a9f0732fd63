import "./abort";
import { Json, parseJson, PADDING } from "./json";
import { fd_read, fd_write, proc_exit } from "./wasi_snapshot_preview1";

const STDIN = 0;
/** Small enough for the first page: growing the memory costs more than a small part. */
const FIRST_READ: usize = 8 * 1024;
const LARGEST_READ: usize = 1024 * 1024;
const EXIT_IO = 74;

/** pointer, length, and the count that the host writes back */
const vector: usize = memory.data(12, 4);

/** Writes all bytes, in as many calls as the host needs. */
export function writeAll(fd: i32, start: usize, length: usize): void {
  while (length > 0) {
    store<u32>(vector, <u32>start);
    store<u32>(vector, <u32>length, 4);
    const problem = fd_write(fd, vector, 1, vector + 8);
    const written: usize = load<u32>(vector, 8);
    if (problem != 0 || written == 0) {
      proc_exit(EXIT_IO);
      unreachable();
    }
    start += written;
    length -= written;
  }
}

/**
 * The whole of stdin as one document. The buffer is the newest block of the heap while it grows, so it grows in place:
 * ten megabytes of input take ten megabytes of memory.
 */
export function readInput(): Json {
  let capacity = FIRST_READ;
  let start = heap.alloc(capacity);
  let length: usize = 0;
  while (true) {
    const free = capacity - PADDING - length;
    store<u32>(vector, <u32>(start + length));
    store<u32>(vector, <u32>free, 4);
    if (fd_read(STDIN, vector, 1, vector + 8) != 0) {
      proc_exit(EXIT_IO);
      unreachable();
    }
    const got: usize = load<u32>(vector, 8);
    if (got == 0) return parseJson(start, length);
    length += got;
    if (got == free) {
      capacity += min(capacity, LARGEST_READ);
      start = heap.realloc(start, capacity);
    }
  }
}
