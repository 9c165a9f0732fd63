/** Counts what a module executes in the plainest way: one is added before each instruction. Knows nothing of blocks, so it agrees with metering for no wrong reason. */
import type { Reader } from "../../shared/metering/binary-reader.ts";
import { isAtEnd, readByte, readSized, readU32, skipBytes, skipLeb } from "../../shared/metering/binary-reader.ts";
import { createWriter, u32, writeBytes, writeSized, written } from "../../shared/metering/binary-writer.ts";
import { SECTION, SECTION_ORDER, openSection, readSections } from "../../shared/metering/module-sections.ts";
import { OP, immediateOf, immediateOfPrefixed } from "../../shared/metering/opcodes.ts";
import { vector } from "./raw-module.ts";

const I64_ADD = 0x7c;
const SHAPING: ReadonlySet<number> = new Set([OP.block, OP.loop, OP.else, OP.end]);

/** The module with its global of this number (i64) counting all instructions but those that only shape the code. */
export function countInstructions(wasm: Uint8Array, global: number): Uint8Array {
  const sections = readSections(wasm);
  const code = openSection(sections, SECTION.code);
  const bodies = Array.from({ length: readU32(code) }, () => countedBody(readSized(code), global));
  const out = createWriter(wasm.length * 4);
  writeBytes(out, wasm.subarray(0, 8));
  for (const id of SECTION_ORDER) {
    const range = sections.ranges.get(id);
    if (range === undefined) continue;
    writeBytes(out, [id]);
    writeSized(out, id === SECTION.code ? vector(bodies) : wasm.subarray(range.start, range.end));
  }
  return written(out).slice();
}

function countedBody(reader: Reader, global: number): Uint8Array {
  const start = reader.position;
  for (let groups = readU32(reader); groups > 0; groups -= 1) {
    readU32(reader);
    readByte(reader);
  }
  const body = createWriter();
  writeBytes(body, reader.bytes.subarray(start, reader.position));
  while (!isAtEnd(reader)) {
    const at = reader.position;
    const opcode = readByte(reader);
    skipOperands(reader, opcode);
    if (!SHAPING.has(opcode)) writeBytes(body, [OP.globalGet, ...u32(global), OP.i64Const, 1, I64_ADD, OP.globalSet, ...u32(global)]);
    writeBytes(body, reader.bytes.subarray(at, reader.position));
  }
  const sized = createWriter();
  writeSized(sized, written(body));
  return written(sized);
}

function skipOperands(reader: Reader, opcode: number): void {
  const immediate = opcode === OP.prefix ? immediateOfPrefixed(opcode, readU32(reader), 0) : immediateOf(opcode, 0);
  switch (immediate) {
    case "none":
      return;
    case "i32":
    case "block":
      return skipLeb(reader, 5);
    case "i64":
      return skipLeb(reader, 10);
    case "f32":
      return skipBytes(reader, 4);
    case "f64":
      return skipBytes(reader, 8);
    case "labels":
    case "value_types": {
      const count = readU32(reader) + (immediate === "labels" ? 1 : 0);
      for (let left = count; left > 0; left -= 1) readU32(reader);
      return;
    }
    case "access":
    case "indirect":
    case "data_memory":
    case "two_memories":
    case "element_table":
    case "two_tables":
      readU32(reader);
      readU32(reader);
      return;
    case "label":
    case "function":
    case "local":
    case "global":
    case "table":
    case "element":
    case "data":
    case "memory":
    case "reference_type":
      readU32(reader);
  }
}
