import { ArcrunError } from "../model/errors.ts";
import type { ModuleRules } from "./allowed-imports.ts";
import { PART_RULES } from "./allowed-imports.ts";
import { invalidAt, isAtEnd, readSized, readU32 } from "./binary-reader.ts";
import type { Writer } from "./binary-writer.ts";
import { createWriter, name, signed, u32, writeBytes, writeSized, written } from "./binary-writer.ts";
import { meterBody, readEntry } from "./meter-body.ts";
import { createHelpers } from "./metering-code.ts";
import type { Inspection } from "./inspect-module.ts";
import { FUEL_EXPORT, MAX_PAGES_EXPORT, PAGE_BYTES, REFUSED_EXPORT, inspectModule } from "./inspect-module.ts";
import {
  MAX_METERED_BYTES,
  MAX_MODULE_MERGES,
  MAX_MODULE_PLACES,
  MAX_NAMES_BYTES,
  MAX_TABLE_ELEMENTS,
  checkLimit,
} from "./module-limits.ts";
import type { Sections } from "./module-sections.ts";
import { SECTION, SECTION_ORDER, openSection, readItems, readSections } from "./module-sections.ts";
import { OP } from "./opcodes.ts";

/** Part of every digest of a metered module: a change of what meter() writes for some module raises it. */
export const METERING_VERSION = 4;

/**
 * Rewrites a core WASM module so that it can be stopped: it counts down the exported mutable global `arcrun_fuel` (i64; begins with
 * what making the instance cost, below zero, and the host adds what there is) and traps below zero, it cannot grow its memory over `maxMemoryPages` (of 64 KiB), and it says in the exported
 * global `arcrun_memory_refused` (i32) whether it tried to. What is not metered is refused. All else behaves as before.
 *
 * `rules` are those for parts, but for the one module that the build trusts (`engine-rules.ts`).
 *
 * The result is as valid as the input: types are not checked here, the engine that compiles it does.
 * @throws ArcrunError `wasm.invalid`, `wasm.feature_denied`, `wasm.import_denied`, `wasm.memory`, `wasm.too_large`; the message names the culprit
 */
export function meter(wasm: Uint8Array, limits: { readonly maxMemoryPages: number }, rules: ModuleRules = PART_RULES): Uint8Array {
  const sections = readSections(wasm);
  const inspection = inspectModule(sections, rules);
  if (inspection.memory.min > limits.maxMemoryPages) {
    const mib = (pages: number): number => (pages * PAGE_BYTES) / 2 ** 20;
    throw new ArcrunError(
      "wasm.memory",
      `the module begins with ${mib(inspection.memory.min)} MiB of memory, ${mib(limits.maxMemoryPages)} MiB are allowed`,
    );
  }
  const maxPages = Math.min(inspection.memory.max ?? limits.maxMemoryPages, limits.maxMemoryPages);
  const rewritten = rewriteSections(sections, inspection, { maxPages, hasMemoryLimit: rules.hasMemoryLimit });
  const out = createWriter(wasm.length * 2);
  writeBytes(out, wasm.subarray(0, 8));
  for (const id of SECTION_ORDER) {
    const range = sections.ranges.get(id);
    const content = rewritten.get(id) ?? (range === undefined ? undefined : wasm.subarray(range.start, range.end));
    if (content !== undefined) writeSection(out, id, content);
  }
  const { names } = sections;
  if (names !== undefined && names.end - names.start <= MAX_NAMES_BYTES)
    writeSection(out, SECTION.custom, wasm.subarray(names.start, names.end));
  checkLimit("bytes when it is metered", out.length, MAX_METERED_BYTES);
  return written(out).slice();
}

function writeSection(out: Writer, id: number, content: Uint8Array): void {
  writeBytes(out, [id]);
  writeSized(out, content);
}

/** Everything is added behind what the module has, so no index changes. */
function rewriteSections(
  sections: Sections,
  inspection: Inspection,
  { maxPages, hasMemoryLimit }: { readonly maxPages: number; readonly hasMemoryLimit: boolean },
): ReadonlyMap<number, Uint8Array> {
  const { counts, memory, tables } = inspection;
  const fuel = counts.globals;
  const refused = counts.globals + 1;
  const limit = hasMemoryLimit ? counts.globals + 2 : undefined;
  const helpers = createHelpers({ fuel, refused, limit }, maxPages);
  const takesAndGivesLength = [0x60, 1, 0x7f, 1, 0x7f];
  const result = new Map([
    [SECTION.type, extended(sections, SECTION.type, [takesAndGivesLength])],
    [
      SECTION.function,
      extended(
        sections,
        SECTION.function,
        helpers.map(() => u32(counts.types)),
      ),
    ],
    [SECTION.memory, Uint8Array.from([1, 1, ...u32(memory.min), ...u32(maxPages)])],
    [
      SECTION.global,
      extended(sections, SECTION.global, [
        [0x7e, 1, OP.i64Const, ...signed(-inspection.instanceFuel), OP.end],
        [0x7f, 1, OP.i32Const, 0, OP.end],
        ...(limit === undefined ? [] : [[0x7f, 1, OP.i32Const, ...signed(maxPages), OP.end]]),
      ]),
    ],
    [
      SECTION.export,
      extended(sections, SECTION.export, [
        [...name(FUEL_EXPORT), 3, ...u32(fuel)],
        [...name(REFUSED_EXPORT), 3, ...u32(refused)],
        ...(limit === undefined ? [] : [[...name(MAX_PAGES_EXPORT), 3, ...u32(limit)]]),
      ]),
    ],
    [SECTION.code, rewriteCode(sections, inspection, helpers)],
  ] satisfies [number, Uint8Array][]) as Map<number, Uint8Array>;
  if (tables.length > 0) {
    const bounded = tables.map(({ type, min, max }) => [
      type,
      1,
      ...u32(min),
      ...u32(Math.min(max ?? MAX_TABLE_ELEMENTS, MAX_TABLE_ELEMENTS)),
    ]);
    result.set(SECTION.table, Uint8Array.from([...u32(tables.length), ...bounded.flat()]));
  }
  return result;
}

/** A section with items added to its vector. */
function extended(sections: Sections, id: number, items: readonly (readonly number[])[]): Uint8Array {
  const reader = openSection(sections, id);
  const count = isAtEnd(reader) ? 0 : readU32(reader);
  const out = createWriter(reader.end - reader.position + 64);
  writeBytes(out, u32(count + items.length));
  writeBytes(out, reader.bytes.subarray(reader.position, reader.end));
  for (const item of items) writeBytes(out, item);
  return written(out);
}

function rewriteCode(sections: Sections, inspection: Inspection, helpers: readonly (readonly number[])[]): Uint8Array {
  const { counts, parameterCounts, importCount, exposed } = inspection;
  const codeRange = sections.ranges.get(SECTION.code);
  const out = createWriter(codeRange === undefined ? 256 : (codeRange.end - codeRange.start) * 2);
  writeBytes(out, u32(parameterCounts.length + helpers.length));
  const costs = readEntryCosts(sections, inspection);
  const costOfCall = (index: number): number => (exposed.has(index) ? 0 : (costs[index - importCount] ?? 0));
  const targets = { counts, fuel: counts.globals, firstHelper: counts.functions, costOfCall };
  let merges = 0;
  readItems(sections, SECTION.code, (reader, index) => {
    const callable = { parameters: parameterCounts[index] ?? 0, isPaid: !exposed.has(importCount + index) };
    const metered = meterBody(readSized(reader), callable, targets);
    writeSized(out, metered.bytes);
    merges += metered.merges;
    checkLimit("locals times branches in all functions", merges, MAX_MODULE_MERGES);
    checkLimit("bytes when it is metered", out.length, MAX_METERED_BYTES);
  });
  for (const helper of helpers) writeSized(out, helper);
  return written(out);
}

/** Reads all bodies, since a call may come before the function that it calls; what is wrong with one is found here. */
function readEntryCosts(sections: Sections, { counts, parameterCounts, importCount }: Inspection): readonly number[] {
  let places = 0;
  const costs = readItems(sections, SECTION.code, (reader, index) => {
    const body = readSized(reader);
    const parameters = parameterCounts[index];
    if (parameters === undefined) throw invalidAt(body.position, "it has more bodies than functions");
    const entry = inFunction(importCount + index, () => readEntry(body, parameters, counts));
    places += entry.places;
    checkLimit("places to charge fuel at", places, MAX_MODULE_PLACES);
    return entry.cost;
  });
  if (costs.length !== parameterCounts.length)
    throw invalidAt(sections.ranges.get(SECTION.code)?.end ?? 0, "it has more functions than bodies");
  return costs;
}

/** Says in which function a problem is, counted as the tools do: the imported ones come first. */
function inFunction<T>(index: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ArcrunError)) throw error;
    const details = { ...(typeof error.details === "object" ? error.details : {}), function: index };
    throw new ArcrunError(error.code, `${error.message}, in function ${index}`, { cause: error, details });
  }
}
