import { readByte, readName, readU32, skipBytes } from "./binary-reader.ts";
import type { Writer } from "./binary-writer.ts";
import { createWriter, name, signed, u32, writeBytes, writeSized, written } from "./binary-writer.ts";
import { PAGE_BYTES } from "./inspect-module.ts";
import { findRuns } from "./memory-runs.ts";
import type { Sections } from "./module-sections.ts";
import { SECTION, SECTION_ORDER, openSection, readItems, readSections } from "./module-sections.ts";
import { OP } from "./opcodes.ts";

/** `memory` is copied as it is; `constants` become exported globals (i32); of the old exports only `exports` stay. */
export type Frozen = {
  readonly memory: Uint8Array;
  readonly exports: ReadonlySet<string>;
  readonly constants: Readonly<Record<string, number>>;
};

/** Zeros in between that cost less than a new segment does. */
const MAX_GAP_BYTES = 32;
const I32 = 0x7f;
const GLOBAL = 3;

/**
 * Makes a metered module start with the memory that an instance of it had, so that a new instance need not be initialised. Its mutable
 * globals begin as ever: the instance must have been at rest. Not for modules that read their data segments by instructions.
 */
export function freezeModule(wasm: Uint8Array, frozen: Frozen): Uint8Array {
  const sections = readSections(wasm);
  const rewritten = new Map([
    [SECTION.memory, withMinimum(sections, frozen.memory.length / PAGE_BYTES)],
    [SECTION.global, withConstants(sections, Object.values(frozen.constants))],
    [SECTION.export, exportsOf(sections, frozen)],
    [SECTION.data, dataOf(frozen.memory)],
  ] satisfies [number, Uint8Array][]) as Map<number, Uint8Array>;
  const out = createWriter(wasm.length + frozen.memory.length);
  writeBytes(out, wasm.subarray(0, 8));
  for (const id of SECTION_ORDER) {
    const range = sections.ranges.get(id);
    const content = rewritten.get(id) ?? (range === undefined ? undefined : wasm.subarray(range.start, range.end));
    if (content === undefined || id === SECTION.dataCount) continue;
    writeBytes(out, [id]);
    writeSized(out, content);
  }
  return written(out).slice();
}

/** meter() has given the memory a maximum. */
function withMinimum(sections: Sections, pages: number): Uint8Array {
  const reader = openSection(sections, SECTION.memory);
  skipBytes(reader, 2);
  readU32(reader);
  return Uint8Array.from([1, 1, ...u32(pages), ...u32(readU32(reader))]);
}

function withConstants(sections: Sections, values: readonly number[]): Uint8Array {
  const reader = openSection(sections, SECTION.global);
  const out = createWriter();
  writeBytes(out, u32(readU32(reader) + values.length));
  writeBytes(out, reader.bytes.subarray(reader.position, reader.end));
  for (const value of values) writeBytes(out, [I32, 0, OP.i32Const, ...signed(value), OP.end]);
  return written(out);
}

function exportsOf(sections: Sections, { exports, constants }: Frozen): Uint8Array {
  const globals = readU32(openSection(sections, SECTION.global));
  const old = readItems(sections, SECTION.export, (reader) => ({ name: readName(reader), kind: readByte(reader), index: readU32(reader) }));
  const kept = old.filter((item) => exports.has(item.name));
  const added = Object.keys(constants).map((key, index) => ({ name: key, kind: GLOBAL, index: globals + index }));
  const all = [...kept, ...added];
  return Uint8Array.from([...u32(all.length), ...all.flatMap((item) => [...name(item.name), item.kind, ...u32(item.index)])]);
}

function dataOf(memory: Uint8Array): Uint8Array {
  const runs = findRuns(memory, new Uint8Array(), MAX_GAP_BYTES);
  const out: Writer = createWriter(memory.length);
  writeBytes(out, u32(runs.length));
  for (const { start, end } of runs) {
    writeBytes(out, [0, OP.i32Const, ...signed(start), OP.end]);
    writeSized(out, memory.subarray(start, end));
  }
  return written(out);
}
