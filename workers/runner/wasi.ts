import type { Writer } from "../../shared/metering/binary-writer.ts";
import { createWriter, writeBytes } from "../../shared/metering/binary-writer.ts";
import { createSeededRandom } from "./seeded-random.ts";
import { POLL_BYTES, pollOnce } from "./wasi-poll.ts";

/*
 * WASI preview 1 for a part: three streams, a clock that stands still while the part computes and moves on at once when it sleeps,
 * seeded randomness, nothing else. What must stay true:
 * 1. What a function does depends on its arguments, the part's memory and the run's inputs only, never on the machine or the moment.
 * 2. A wrong address gives the part an error number (or ends it), and never throws inside the host.
 * 3. Every function charges fuel for the work that the host does, or a part could burn time that nobody counts.
 */

export type WasiInput = {
  readonly stdin: Uint8Array;
  readonly nowMs: number;
  readonly seed: Uint8Array;
  readonly maxStdoutBytes: number;
};

/** What the functions need of the part that runs. `stop` ends it: it throws, and does not return. */
export type PartAccess = {
  readonly memory: () => Uint8Array;
  readonly charge: (fuel: number) => void;
  readonly stop: (reason: StopReason) => never;
};
export type StopReason =
  | { readonly kind: "exit"; readonly code: number }
  | { readonly kind: "output_too_large" }
  | { readonly kind: "out_of_fuel" }
  | { readonly kind: "called"; readonly request: Uint8Array }
  | { readonly kind: "trap"; readonly message: string };

/** What a part wrote: `stderr` holds at most MAX_STDERR_BYTES, `stderrBytes` counts all of it. */
export type Written = { readonly stdout: Writer; readonly stderr: Writer; stderrBytes: number };
type Functions = Record<string, (...values: never[]) => number>;
type Host = WasiInput & PartAccess & { readonly written: Written };

export const MAX_STDERR_BYTES = 64 * 1024;
/** A call of the host costs about a microsecond. */
export const FUEL_PER_CALL = 1000;
export const BYTES_PER_FUEL = 16;
const FUEL_PER_BUFFER = 200;
const FUEL_PER_RANDOM_BYTE = 64;

const ERRNO = { success: 0, badDescriptor: 8, fault: 21, invalid: 28, notSeekable: 70 } as const;
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const RIGHT_READ = 1n << 1n;
const RIGHT_WRITE = 1n << 6n;
const FDSTAT_BYTES = 24;
const FILESTAT_BYTES = 64;
const CLOCKS = 4;
const NS_PER_MS = 1_000_000n;

/** The addresses that a module passes are unsigned, but arrive as signed numbers. Undefined when they lie outside its memory. */
export function slice(memory: Uint8Array, pointer: number, length: number): Uint8Array | undefined {
  const start = pointer >>> 0;
  const end = start + (length >>> 0);
  return end <= memory.length ? memory.subarray(start, end) : undefined;
}

/** `names`: the functions that the module imports; the others are left out. */
export function createWasi(
  input: WasiInput,
  access: PartAccess,
  names: ReadonlySet<string>,
): { readonly functions: Functions; readonly written: Written } {
  const written: Written = { stdout: createWriter(), stderr: createWriter(), stderrBytes: 0 };
  const host: Host = { ...input, ...access, written };
  const all: Functions = { ...streamFunctions(host), ...surroundingFunctions(host) };
  const functions: Functions = {};
  for (const name of names) {
    // What else meter() lets a module import is about files, folders and sockets, of which a part has none.
    const call = Object.hasOwn(all, name) ? all[name] : undefined;
    functions[name] = (...values) => {
      access.charge(FUEL_PER_CALL);
      return call === undefined ? ERRNO.badDescriptor : call(...values);
    };
  }
  return { functions, written };
}

const isStream = (fd: number): boolean => fd === STDIN || fd === STDOUT || fd === STDERR;

/** Writes numbers of 1 to 8 bytes one after another. */
function put(host: Host, pointer: number, values: readonly { readonly bytes: 1 | 2 | 4 | 8; readonly value: bigint | number }[]): number {
  const length = values.reduce((sum, { bytes }) => sum + bytes, 0);
  const target = slice(host.memory(), pointer, length);
  if (target === undefined) return ERRNO.fault;
  let at = 0;
  for (const { bytes, value } of values) {
    let rest = BigInt(value);
    for (let left = bytes; left > 0; left -= 1, at += 1, rest >>= 8n) target[at] = Number(rest & 0xffn);
  }
  return ERRNO.success;
}

const put32 = (host: Host, pointer: number, value: number): number => put(host, pointer, [{ bytes: 4, value }]);

/** The buffers of a scattered read or write; undefined when one of them, or the list, lies outside the memory. */
function* buffers(host: Host, pointer: number, count: number): Generator<Uint8Array | undefined> {
  const memory = host.memory();
  const list = slice(memory, pointer, Math.min((count >>> 0) * 8, 2 ** 32 - 1));
  if (list === undefined) return yield undefined;
  const view = new DataView(list.buffer, list.byteOffset, list.byteLength);
  let bytes = 0;
  for (let at = 4; at < list.length; at += 8) bytes += view.getUint32(at, true);
  host.charge((list.length / 8) * FUEL_PER_BUFFER + bytes / BYTES_PER_FUEL);
  for (let at = 0; at < list.length; at += 8) yield slice(memory, view.getUint32(at, true), view.getUint32(at + 4, true));
}

function streamFunctions(host: Host): Functions {
  let consumed = 0;
  const read = (fd: number, list: number, count: number, result: number): number => {
    if (fd !== STDIN) return ERRNO.badDescriptor;
    let total = 0;
    for (const buffer of buffers(host, list, count)) {
      if (buffer === undefined) return ERRNO.fault;
      const bytes = host.stdin.subarray(consumed, consumed + buffer.length);
      buffer.set(bytes);
      consumed += bytes.length;
      total += bytes.length;
      if (bytes.length < buffer.length) break;
    }
    return put32(host, result, total);
  };
  const write = (fd: number, list: number, count: number, result: number): number => {
    if (fd !== STDOUT && fd !== STDERR) return ERRNO.badDescriptor;
    let total = 0;
    for (const buffer of buffers(host, list, count)) {
      if (buffer === undefined) return ERRNO.fault;
      if (fd === STDOUT) appendStdout(host, buffer);
      else appendStderr(host.written, buffer);
      total += buffer.length;
    }
    return put32(host, result, total % 2 ** 32);
  };
  const fdstat = (fd: number, pointer: number): number => {
    if (!isStream(fd)) return ERRNO.badDescriptor;
    const target = slice(host.memory(), pointer, FDSTAT_BYTES);
    if (target === undefined) return ERRNO.fault;
    // The type of file stays "unknown", as for a pipe: a C library then buffers whole blocks, not lines.
    target.fill(0);
    return put(host, pointer + 8, [{ bytes: 8, value: fd === STDIN ? RIGHT_READ : RIGHT_WRITE }]);
  };
  return {
    fd_read: read,
    fd_write: write,
    fd_fdstat_get: fdstat,
    fd_filestat_get: (fd: number, pointer: number) => {
      if (!isStream(fd)) return ERRNO.badDescriptor;
      const target = slice(host.memory(), pointer, FILESTAT_BYTES);
      if (target === undefined) return ERRNO.fault;
      target.fill(0);
      return ERRNO.success;
    },
    fd_fdstat_set_flags: (fd: number) => (isStream(fd) ? ERRNO.success : ERRNO.badDescriptor),
    fd_close: (fd: number) => (isStream(fd) ? ERRNO.success : ERRNO.badDescriptor),
    fd_seek: (fd: number) => (isStream(fd) ? ERRNO.notSeekable : ERRNO.badDescriptor),
    // No descriptor is a folder, which is how a C library learns that there are no files.
    fd_prestat_get: () => ERRNO.badDescriptor,
    fd_prestat_dir_name: () => ERRNO.badDescriptor,
  };
}

function appendStdout({ written, maxStdoutBytes, stop }: Host, bytes: Uint8Array): void {
  if (written.stdout.length + bytes.length > maxStdoutBytes) stop({ kind: "output_too_large" });
  writeBytes(written.stdout, bytes);
}

function appendStderr(written: Written, bytes: Uint8Array): void {
  const room = MAX_STDERR_BYTES - written.stderrBytes;
  written.stderrBytes += bytes.length;
  if (room > 0) writeBytes(written.stderr, bytes.subarray(0, room));
}

function surroundingFunctions(host: Host): Functions {
  const random = createSeededRandom(host.seed);
  let now = BigInt(Math.trunc(host.nowMs)) * NS_PER_MS;
  const sizes = (count: number, bytes: number): number => put32(host, count, 0) || put32(host, bytes, 0);
  return {
    args_get: () => ERRNO.success,
    args_sizes_get: sizes,
    environ_get: () => ERRNO.success,
    environ_sizes_get: sizes,
    clock_time_get: (clock: number, _precision: bigint, pointer: number) =>
      clock >>> 0 < CLOCKS ? put(host, pointer, [{ bytes: 8, value: now }]) : ERRNO.invalid,
    clock_res_get: (clock: number, pointer: number) =>
      clock >>> 0 < CLOCKS ? put(host, pointer, [{ bytes: 8, value: NS_PER_MS }]) : ERRNO.invalid,
    random_get: (pointer: number, length: number) => {
      const target = slice(host.memory(), pointer, length);
      if (target === undefined) return ERRNO.fault;
      host.charge(target.length * FUEL_PER_RANDOM_BYTE);
      random(target);
      return ERRNO.success;
    },
    poll_oneoff: (pointer: number, events: number, count: number, result: number) => {
      const subscriptions = slice(host.memory(), pointer, Math.min((count >>> 0) * POLL_BYTES.subscription, 2 ** 32 - 1));
      const target = slice(host.memory(), events, Math.min((count >>> 0) * POLL_BYTES.event, 2 ** 32 - 1));
      if (subscriptions === undefined || target === undefined) return ERRNO.fault;
      if (count === 0) return ERRNO.invalid;
      host.charge((count >>> 0) * FUEL_PER_BUFFER);
      const polled = pollOnce(subscriptions.slice(), now, { isReady: isStream, badDescriptor: ERRNO.badDescriptor });
      now = polled.now;
      target.set(polled.events);
      return put32(host, result, polled.events.length / POLL_BYTES.event);
    },
    sched_yield: () => ERRNO.success,
    proc_exit: (code: number) => host.stop({ kind: "exit", code: code >>> 0 }),
  };
}
