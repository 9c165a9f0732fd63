import type { Reader } from "./binary-reader.ts";
import { createReader, invalidAt, isAtEnd, readByte, readName, readU32, skipBytes } from "./binary-reader.ts";
import { MAX_MODULE_BYTES, MAX_TABLES, checkLimit } from "./module-limits.ts";
import { deniedFeature } from "./opcodes.ts";

export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

/** How many items a section may hold, and what they are called. */
const SECTION_LIMITS: Readonly<Record<number, readonly [string, number]>> = {
  [SECTION.type]: ["types", 10_000],
  [SECTION.import]: ["imports", 100],
  [SECTION.function]: ["functions", 30_000],
  [SECTION.table]: ["tables", MAX_TABLES],
  [SECTION.global]: ["globals", 10_000],
  [SECTION.export]: ["exports", 1000],
  [SECTION.element]: ["element segments", 10_000],
  [SECTION.data]: ["data segments", 100_000],
};

/** The order in which sections must stand, which is not that of their numbers. */
export const SECTION_ORDER: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 9, 12, 10, 11];

/** The sections of a module by number, each a range of its bytes, and its `name` section if it has one. */
export type Sections = {
  readonly bytes: Uint8Array;
  readonly ranges: ReadonlyMap<number, Range>;
  readonly names: Range | undefined;
};
export type Range = { readonly start: number; readonly end: number };

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Splits a module into its sections. @throws ArcrunError `wasm.invalid`, `wasm.too_large`, `wasm.feature_denied` */
export function readSections(bytes: Uint8Array): Sections {
  checkLimit("bytes", bytes.length, MAX_MODULE_BYTES);
  if (!HEADER.every((byte, index) => bytes[index] === byte)) throw invalidAt(0, "it does not begin like a core WASM module of version 1");
  const reader = createReader(bytes, HEADER.length);
  const ranges = new Map<number, Range>();
  let names: Range | undefined;
  let rank = -1;
  while (!isAtEnd(reader)) {
    const id = readByte(reader);
    const range = readRange(reader);
    if (id === SECTION.custom) {
      if (readName(createReader(bytes, range.start, range.end)) === "name") names = range;
      continue;
    }
    refuseSection(id, range.start);
    if (SECTION_ORDER.indexOf(id) <= rank) throw invalidAt(range.start, `section ${id} comes twice or too late`);
    rank = SECTION_ORDER.indexOf(id);
    ranges.set(id, range);
  }
  return { bytes, ranges, names };
}

function readRange(reader: Reader): Range {
  const size = readU32(reader);
  const start = reader.position;
  skipBytes(reader, size);
  return { start, end: start + size };
}

function refuseSection(id: number, position: number): void {
  if (id === SECTION.start) throw deniedFeature("a start section", "a part begins at its export `_start`");
  if (id === SECTION.tag) throw deniedFeature("exception handling", "a tag section");
  if (!SECTION_ORDER.includes(id)) throw invalidAt(position, `there is no section ${id}`);
}

/** A reader of one section; of nothing when the module lacks it. */
export function openSection(sections: Sections, id: number): Reader {
  const range = sections.ranges.get(id);
  return range === undefined ? createReader(sections.bytes, 0, 0) : createReader(sections.bytes, range.start, range.end);
}

/** Reads the vector that a section holds, item by item; a section that lacks is an empty one. */
export function readItems<T>(sections: Sections, id: number, readItem: (reader: Reader, index: number) => T): T[] {
  const reader = openSection(sections, id);
  if (isAtEnd(reader)) return [];
  const items: T[] = [];
  const count = readU32(reader);
  const limit = SECTION_LIMITS[id];
  if (limit !== undefined) checkLimit(limit[0], count, limit[1]);
  for (let left = count; left > 0; left -= 1) items.push(readItem(reader, items.length));
  if (!isAtEnd(reader)) throw invalidAt(reader.position, `section ${id} has bytes left over`);
  return items;
}
