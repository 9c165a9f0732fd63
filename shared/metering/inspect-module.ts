import { ArcrunError } from "../model/errors.ts";
import type { ModuleRules } from "./allowed-imports.ts";
import { checkImport } from "./allowed-imports.ts";
import type { Reader } from "./binary-reader.ts";
import { invalidAt, readByte, readName, readSized, readU32, skipBytes, skipLeb } from "./binary-reader.ts";
import type { Counts } from "./charge-points.ts";
import { MAX_SEGMENT_ELEMENTS, MAX_TABLE_ELEMENTS, MAX_TYPE_VALUES, checkLimit } from "./module-limits.ts";
import type { Sections } from "./module-sections.ts";
import { SECTION, readItems } from "./module-sections.ts";
import { OP, deniedFeature } from "./opcodes.ts";
import type { Bounds } from "./value-types.ts";
import { readBounds, readReferenceType, readValueType } from "./value-types.ts";

export const PAGE_BYTES = 65_536;

/** Of tables, segments and globals. */
const FUEL_PER_ITEM = 16;
/** The engine makes an object for each. */
const FUEL_PER_EXPORT = 512;
const BYTES_PER_FUEL = 16;

/** The names that meter() adds to a module's exports. */
export const FUEL_EXPORT = "arcrun_fuel";
export const REFUSED_EXPORT = "arcrun_memory_refused";
export const MAX_PAGES_EXPORT = "arcrun_max_pages";

type FunctionType = { readonly parameters: number; readonly signature: string };
export type Table = Bounds & { readonly type: number };

/** What the rewriting needs to know. `instanceFuel` is what making an instance costs; `parameterCounts` has one entry for each
 * function that the module defines itself; `exposed` are those that can be reached without a call that names them. */
export type Inspection = {
  readonly counts: Counts;
  readonly instanceFuel: number;
  readonly importCount: number;
  readonly parameterCounts: readonly number[];
  readonly exposed: ReadonlySet<number>;
  readonly memory: Bounds;
  readonly tables: readonly Table[];
};

/**
 * Reads everything but the functions' bodies, and refuses what a part may not have.
 * @throws ArcrunError `wasm.invalid`, `wasm.feature_denied`, `wasm.import_denied`, `wasm.memory`, `wasm.too_large`
 */
export function inspectModule(sections: Sections, rules: ModuleRules): Inspection {
  const types = readItems(sections, SECTION.type, readFunctionType);
  const typeAt = (index: number, position: number): FunctionType => types[index] ?? fail(position, `there is no type ${index}`);
  const imports = readItems(sections, SECTION.import, (reader) => readImport(reader, rules, typeAt));
  const own = readItems(sections, SECTION.function, (reader) => typeAt(readU32(reader), reader.position));
  const tables = readItems(sections, SECTION.table, readTable);
  const memories = readItems(sections, SECTION.memory, (reader) => readBounds(reader, "memory"));
  if (memories.length > 1) throw deniedFeature("multiple memories", `it has ${memories.length}`);
  const shape = {
    types: types.length,
    functions: imports.length + own.length,
    tables: tables.length,
    memories: memories.length,
  };
  const exposed = new Set<number>();
  const globals = readItems(sections, SECTION.global, (reader, index) => readGlobal(reader, { ...shape, globals: index }, exposed));
  const counts: Counts = { ...shape, globals: globals.length };
  const exports = readExports(sections, counts, exposed);
  if (rules.isCommand) checkStart(exports, (index) => own[index - imports.length]);
  let elements = 0;
  readItems(sections, SECTION.element, (reader) => {
    elements += readElements(reader, counts, exposed);
    checkLimit("elements in segments", elements, MAX_SEGMENT_ELEMENTS);
  });
  const segments = readItems(sections, SECTION.data, (reader) => readSegment(reader, counts, exposed));
  const dataBytes = segments.reduce((sum, bytes) => sum + bytes, 0);
  const items = tables.reduce((sum, { min }) => sum + min, elements + globals.length + segments.length);
  const memory = memories[0] ?? fail(0, "it has no memory");
  return {
    counts,
    instanceFuel: items * FUEL_PER_ITEM + exports.size * FUEL_PER_EXPORT + Math.ceil(dataBytes / BYTES_PER_FUEL),
    importCount: imports.length,
    parameterCounts: own.map((type) => type.parameters),
    exposed,
    memory,
    tables,
  };
}

function fail(position: number, problem: string): never {
  throw invalidAt(position, problem);
}

function readTypes(reader: Reader): string[] {
  const count = readU32(reader);
  checkLimit("values in a type", count, MAX_TYPE_VALUES);
  return Array.from({ length: count }, () => readValueType(reader));
}

function readFunctionType(reader: Reader): FunctionType {
  const form = readByte(reader);
  if (form === 0x5d) throw deniedFeature("stack switching", "type form 0x5d", reader.position - 1);
  if (form >= 0x4c && form <= 0x5f) throw deniedFeature("garbage collection", `type form 0x${form.toString(16)}`, reader.position - 1);
  if (form !== 0x60) fail(reader.position - 1, "a type is not that of a function");
  const parameters = readTypes(reader);
  return {
    parameters: parameters.length,
    signature: [...parameters, "->", ...readTypes(reader)].join(" "),
  };
}

function readImport(reader: Reader, rules: ModuleRules, typeAt: (index: number, position: number) => FunctionType): void {
  const module = readName(reader);
  const field = readName(reader);
  const kind = readByte(reader);
  if (kind === 0) {
    checkImport(rules, { module, field }, typeAt(readU32(reader), reader.position).signature);
    return;
  }
  const what = ["function", "table", "memory", "global", "tag"][kind] ?? fail(reader.position - 1, "an import is of an unknown kind");
  const full = `${module}.${field}`;
  throw new ArcrunError("wasm.import_denied", `the module imports the ${what} "${full}"; a part may import functions only`, {
    details: { import: full },
  });
}

function readTable(reader: Reader): Table {
  const type = reader.bytes[reader.position] ?? 0;
  if (type === 0x40) throw deniedFeature("typed function references", "a table with an initial value", reader.position);
  readReferenceType(reader);
  const bounds = readBounds(reader, "table");
  if (bounds.min > MAX_TABLE_ELEMENTS)
    throw new ArcrunError(
      "wasm.memory",
      `a table of the module begins with ${bounds.min} elements, at most ${MAX_TABLE_ELEMENTS} are allowed`,
    );
  return { ...bounds, type };
}

function readGlobal(reader: Reader, counts: Counts, exposed: Set<number>): void {
  readValueType(reader);
  if (readByte(reader) > 1) fail(reader.position - 1, "a global is neither mutable nor constant");
  readConstant(reader, counts, exposed);
}

/** Steps over a constant expression; functions that it refers to are exposed. */
function readConstant(reader: Reader, counts: Counts, exposed: Set<number>): void {
  for (let opcode = readByte(reader); opcode !== OP.end; opcode = readByte(reader)) {
    if (opcode === OP.i32Const) skipLeb(reader, 5);
    else if (opcode === OP.i64Const) skipLeb(reader, 10);
    else if (opcode === 0x43) skipBytes(reader, 4);
    else if (opcode === 0x44) skipBytes(reader, 8);
    else if (opcode === OP.globalGet) readIndex(reader, counts.globals, "global");
    else if (opcode === OP.refNull) readReferenceType(reader);
    else if (opcode === OP.refFunc) exposed.add(readIndex(reader, counts.functions, "function"));
    else {
      const isArithmetic = (opcode >= 0x6a && opcode <= 0x6c) || (opcode >= 0x7c && opcode <= 0x7e);
      const feature = isArithmetic ? "extended constant expressions" : "an instruction that is not constant";
      throw deniedFeature(feature, `opcode 0x${opcode.toString(16)} in a constant`, reader.position - 1);
    }
  }
}

function readIndex(reader: Reader, count: number, what: string): number {
  const index = readU32(reader);
  return index < count ? index : fail(reader.position, `there is no ${what} ${index}`);
}

type Exports = ReadonlyMap<string, { readonly kind: number; readonly index: number }>;

function readExports(sections: Sections, counts: Counts, exposed: Set<number>): Exports {
  const limits = [counts.functions, counts.tables, counts.memories, counts.globals];
  const exports = new Map(
    readItems(sections, SECTION.export, (reader) => {
      const name = readName(reader);
      const kind = readByte(reader);
      const limit = limits[kind] ?? fail(reader.position - 1, "an export is of an unknown kind");
      const index = readIndex(reader, limit, "exported thing");
      if (kind === 0) exposed.add(index);
      return [name, { kind, index }] as const;
    }),
  );
  for (const name of [FUEL_EXPORT, REFUSED_EXPORT, MAX_PAGES_EXPORT])
    if (exports.has(name)) fail(0, `it exports "${name}", a name that is Arcrun's`);
  if (exports.get("memory")?.kind !== 2) fail(0, 'it does not export its memory as "memory"');
  return exports;
}

function checkStart(exports: Exports, ownFunction: (index: number) => FunctionType | undefined): void {
  const start = exports.get("_start");
  if (start?.kind !== 0) fail(0, 'it does not export a function "_start"');
  else if (ownFunction(start.index)?.signature !== "->") fail(0, 'its "_start" is imported, or takes or gives values');
}

/** Gives how many there are. */
function readElements(reader: Reader, counts: Counts, exposed: Set<number>): number {
  const flags = readU32(reader);
  if (flags > 7) fail(reader.position, "elements have unknown flags");
  const isActive = (flags & 1) === 0;
  const hasExpressions = (flags & 4) !== 0;
  if (isActive && (flags & 2) !== 0) readIndex(reader, counts.tables, "table");
  if (isActive) readConstant(reader, counts, exposed);
  if ((flags & 3) !== 0) {
    if (hasExpressions) readReferenceType(reader);
    else if (readByte(reader) !== 0) fail(reader.position - 1, "elements are of an unknown kind");
  }
  const count = readU32(reader);
  checkLimit("elements in segments", count, MAX_SEGMENT_ELEMENTS);
  for (let left = count; left > 0; left -= 1) {
    if (hasExpressions) readConstant(reader, counts, exposed);
    else exposed.add(readIndex(reader, counts.functions, "function"));
  }
  return count;
}

/** Gives how many bytes it has. */
function readSegment(reader: Reader, counts: Counts, exposed: Set<number>): number {
  const flags = readU32(reader);
  if (flags > 2) fail(reader.position, "data has unknown flags");
  if (flags === 2 && readU32(reader) !== 0) throw deniedFeature("multiple memories", "data for a second memory");
  if (flags !== 1) readConstant(reader, counts, exposed);
  const { position, end } = readSized(reader);
  return end - position;
}
