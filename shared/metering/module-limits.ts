import { ArcrunError } from "../model/errors.ts";

/*
 * What a module may have at most. Fuel pays for what runs; these bound what no fuel pays for: reading and metering an upload, compiling
 * it (V8 compiles a function for the first time on the thread that calls it), and making an instance, which each run does anew.
 * Measured in V8 11 and 14; what compilers emit stays far below.
 */

/** As it comes, with its debug sections. */
export const MAX_MODULE_BYTES = 16 * 1024 * 1024;
/** As it is compiled. Metering may make eight bytes of one, in a module of empty loops. */
export const MAX_METERED_BYTES = 32 * 1024 * 1024;
/** Names longer than this together are left out; they only serve stack traces. */
export const MAX_NAMES_BYTES = 1024 * 1024;

/** A module that declares no maximum may let a table grow so far. An element takes some 32 bytes, which do not count as memory. */
export const MAX_TABLE_ELEMENTS = 100_000;
export const MAX_TABLES = 4;
/** Elements of all segments together; each is written when an instance is made. */
export const MAX_SEGMENT_ELEMENTS = 200_000;

/** Parameters, or results, of one type of function. */
export const MAX_TYPE_VALUES = 1000;

/** The optimizing compiler needs about a second and 300 MB for a body of so many calls. */
export const MAX_BODY_BYTES = 512 * 1024;
export const MAX_LOCALS = 10_000;
export const MAX_NESTING = 10_000;
/** Loops cost the optimizing compiler time that grows with their square when they are nested, and 20 KB each when they are not. */
export const MAX_LOOPS = 2000;
/**
 * The first compiler writes down all locals wherever control may come from two places, so its time is the product of both: of 20,000
 * blocks with 10,000 locals, 200 KB of code, it took ten seconds. So many take 100 ms.
 */
export const MAX_MERGES = 4_000_000;
/** Those of all functions of a module. */
export const MAX_MODULE_MERGES = 50_000_000;

/** Loops, ends of blocks, calls, …: metering two million of them takes about a second. */
export const MAX_MODULE_PLACES = 2_000_000;

/** @throws ArcrunError `wasm.too_large` */
export function checkLimit(what: string, found: number, max: number): void {
  if (found <= max) return;
  throw new ArcrunError("wasm.too_large", `the module has ${found} ${what}, at most ${max} are taken`, {
    details: { limit: what, found, max },
  });
}
