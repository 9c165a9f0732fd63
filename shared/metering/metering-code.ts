import { signed, u32 } from "./binary-writer.ts";
import { OP } from "./opcodes.ts";

// Measured so that no operation takes much longer for its fuel than the slowest ordinary instruction.
/** A bulk operation leaves the compiled code for the engine's runtime, however short it is. */
const FUEL_PER_BULK = 128;
/** Bulk operations do many bytes for the time of one instruction. */
const BYTES_PER_FUEL_LOG2 = 4;
/** Writing a reference costs more, the garbage collector is told of it. */
const FUEL_PER_ELEMENT = 16;
/** The engine makes a new view of the memory for each growth, even one by nothing. */
const FUEL_PER_GROWTH = 2048;
/** A new page is 64 KiB that the system has to zero. */
const FUEL_PER_PAGE = 4096;

const NO_LOCALS = [0];
const IF_WITHOUT_RESULT = [OP.if, 0x40];
const IF_WITH_I32 = [OP.if, 0x7f];
const GIVEN = [OP.localGet, 0];

/** The numbers of the added globals; `limit`, if it is there, holds the most pages that the memory may have. */
export type AddedGlobals = { readonly fuel: number; readonly refused: number; readonly limit: number | undefined };

/** The added functions, in the order of their numbers. Each takes a length and gives it back, but `grow`, which gives what memory.grow gives. */
export const HELPER = { bulkMemory: 0, bulkTable: 1, grow: 2 } as const;

const code = (...parts: readonly (number | readonly number[])[]): number[] => parts.flat();
const get = (global: number): number[] => code(OP.globalGet, u32(global));
const set = (global: number): number[] => code(OP.globalSet, u32(global));
const i32 = (value: number): number[] => code(OP.i32Const, signed(value));
const i64 = (value: number): number[] => code(OP.i64Const, signed(value));

const trapIfBelowZero = (value: readonly number[]): number[] => code(value, i64(0), OP.i64LtS, IF_WITHOUT_RESULT, OP.unreachable, OP.end);

/** Where a function finds the fuel: in the global, and a copy of it in a local. */
export type FuelPlace = { readonly fuel: number; readonly local: number };

/**
 * Takes a fixed cost off the fuel. With `check`, traps when that leaves less than nothing. The global is always written, so that it is
 * right whenever the part stops; reading the local instead of it keeps a loop from waiting for memory (measured: an interpreter's loop takes 1.0 instead of 3.1 times its time).
 */
export function chargeCode({ fuel, local }: FuelPlace, cost: number, check: boolean): number[] {
  const current = code(OP.localGet, u32(local));
  const subtract = code(current, i64(cost), OP.i64Sub, OP.localTee, u32(local), set(fuel));
  return check ? code(subtract, trapIfBelowZero(current)) : subtract;
}

/** Makes the copy in the local right again after other code has charged. */
export const reloadCode = ({ fuel, local }: FuelPlace): number[] => code(get(fuel), OP.localSet, u32(local));

/** Charges at a function's entry, where the local does not hold the fuel yet. */
export const enterCode = ({ fuel, local }: FuelPlace, cost: number): number[] =>
  code(get(fuel), i64(cost), OP.i64Sub, OP.localTee, u32(local), set(fuel), trapIfBelowZero(code(OP.localGet, u32(local))));

/** memory.grow, refused beyond the limit that a global sets. */
function growWithin(limit: number | undefined): number[] {
  const grow = code(GIVEN, OP.memoryGrow, 0);
  if (limit === undefined) return grow;
  const wanted = code(GIVEN, OP.i64ExtendI32U, OP.memorySize, 0, OP.i64ExtendI32U, OP.i64Add);
  return code(wanted, get(limit), OP.i64ExtendI32U, OP.i64GtU, IF_WITH_I32, i32(-1), OP.else, grow, OP.end);
}

/** The bodies of the added functions (i32) -> (i32). */
export function createHelpers({ fuel, refused, limit }: AddedGlobals, maxPages: number): readonly (readonly number[])[] {
  const charge = (base: number, scale: readonly number[]): number[] =>
    code(code(get(fuel), i64(base), OP.i64Sub, GIVEN, OP.i64ExtendI32U, scale, OP.i64Sub, set(fuel)), trapIfBelowZero(get(fuel)));
  const bulkMemory = charge(FUEL_PER_BULK, code(i64(BYTES_PER_FUEL_LOG2), OP.i64ShrU));
  const bulkTable = charge(FUEL_PER_BULK, code(i64(FUEL_PER_ELEMENT), OP.i64Mul));
  // More pages than can ever be had cost nothing, so that asking for too much is a refusal and not the end of the fuel.
  const chargePages = code(
    code(GIVEN, i32(maxPages), OP.i32LeU, IF_WITHOUT_RESULT),
    charge(FUEL_PER_GROWTH, code(i64(FUEL_PER_PAGE), OP.i64Mul)),
    code(OP.else, get(fuel), i64(FUEL_PER_GROWTH), OP.i64Sub, set(fuel), trapIfBelowZero(get(fuel)), OP.end),
  );
  const grow = code(growWithin(limit), OP.localTee, 0);
  const noteRefusal = code(i32(-1), OP.i32Eq, IF_WITHOUT_RESULT, i32(1), set(refused), OP.end);
  return [
    code(NO_LOCALS, bulkMemory, GIVEN, OP.end),
    code(NO_LOCALS, bulkTable, GIVEN, OP.end),
    code(NO_LOCALS, chargePages, grow, noteRefusal, GIVEN, OP.end),
  ];
}
