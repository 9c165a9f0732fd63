/** Small whole parts, metered as an upload or a build would meter them. */
import { meter } from "../../shared/metering/meter.ts";
import { compileWat } from "./compile-wat.ts";

const PAGES = 16;
const escaped = (text: string): string =>
  [...new TextEncoder().encode(text)].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");

/** A part that answers this, whatever it is given. */
export const answeringWat = (answer: unknown): string => {
  const text = JSON.stringify(answer);
  return `(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\\10\\00\\00\\00")
    (data (i32.const 16) "${escaped(text)}")
    (func (export "_start")
      (i32.store (i32.const 4) (i32.const ${new TextEncoder().encode(text).length}))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`;
};

/** A part that makes a call of its host and answers with the result as it is. The request begins at the address 1024. */
export const askingWat = (request: unknown, requestBytes?: number): string => {
  const text = JSON.stringify(request);
  const bytes = requestBytes ?? new TextEncoder().encode(text).length;
  return `(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "arcrun" "call" (func $call (param i32 i32) (result i32)))
    (import "arcrun" "result_len" (func $len (param i32) (result i32)))
    (import "arcrun" "result_read" (func $read (param i32 i32 i32) (result i32)))
    (memory (export "memory") ${Math.ceil(bytes / 65_536) + 1})
    (data (i32.const 1024) "${escaped(text)}")
    (func (export "_start")
      (local $handle i32)
      (local.set $handle (call $call (i32.const 1024) (i32.const ${bytes})))
      (i32.store (i32.const 0) (i32.const 4096))
      (i32.store (i32.const 4) (call $read (local.get $handle) (i32.const 4096) (call $len (local.get $handle))))
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`;
};

/** A part that answers what it is given, of whatever length. */
export const ECHO_WAT = `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 200)
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 13000000))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`;

export const metered = (text: string, pages = PAGES): Uint8Array => meter(compileWat(text), { maxMemoryPages: pages });
