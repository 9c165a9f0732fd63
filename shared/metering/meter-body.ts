import type { Reader } from "./binary-reader.ts";
import { invalidAt, readU32 } from "./binary-reader.ts";
import { createWriter, u32, writeBytes, written } from "./binary-writer.ts";
import type { Charge, Counts, Edit } from "./charge-points.ts";
import { findChargePoints } from "./charge-points.ts";
import type { FuelPlace } from "./metering-code.ts";
import { HELPER, chargeCode, enterCode, reloadCode } from "./metering-code.ts";
import { OP } from "./opcodes.ts";
import { readValueType } from "./value-types.ts";

/** V8's own limit, less the one that is added; checked here so that a lie about it costs nothing. */
const MAX_LOCALS = 49_999;
const I64 = 0x7e;

/**
 * A region of up to so many instructions is charged once, at its head, as if all of it ran. A larger one is charged by segments, or an
 * interpreter, whose loop is one huge `switch`, would pay for all its cases each time it runs one.
 */
const MAX_COARSE_COST = 64;

export type Targets = {
  readonly counts: Counts;
  readonly fuel: number;
  readonly firstHelper: number;
};

/** Rewrites one function's body (locals and instructions, without the size in front). */
export function meterBody(reader: Reader, parameters: number, targets: Targets): Uint8Array {
  const { groups, start, locals } = readLocals(reader, parameters);
  const edits = findChargePoints(reader, targets.counts, locals);
  const place: FuelPlace = { fuel: targets.fuel, local: chargesOften(edits) ? locals : undefined };
  const out = createWriter((reader.end - start) * 2 + 64);
  writeBytes(out, u32(place.local === undefined ? groups : groups + 1));
  let copied = start;
  if (place.local !== undefined) {
    writeBytes(out, reader.bytes.subarray(start, edits[0]?.at));
    writeBytes(out, [1, I64]);
    copied = edits[0]?.at ?? start;
  }
  for (const edit of edits) {
    writeBytes(out, reader.bytes.subarray(copied, edit.at));
    writeBytes(out, editCode(edit, place, { isEntry: edit === edits[0], firstHelper: targets.firstHelper }));
    copied = edit.kind === "grow" ? edit.until : edit.at;
  }
  writeBytes(out, reader.bytes.subarray(copied, reader.end));
  return written(out);
}

/** Reads the declared locals; `start` is where their groups stand, `locals` counts the parameters, too. */
function readLocals(reader: Reader, parameters: number): { groups: number; start: number; locals: number } {
  const groups = readU32(reader);
  const start = reader.position;
  let locals = parameters;
  for (let left = groups; left > 0; left -= 1) {
    locals += readU32(reader);
    readValueType(reader);
    if (locals > MAX_LOCALS) throw invalidAt(reader.position, `a function has more than ${MAX_LOCALS} locals`);
  }
  return { groups, start, locals };
}

const isCoarse = (charge: Charge): boolean => charge.region.cost <= MAX_COARSE_COST;

const chargesOften = (edits: readonly Edit[]): boolean =>
  edits.filter((edit) => edit.kind === "head" || (edit.kind === "inner" && !isCoarse(edit))).length > 1;

function editCode(edit: Edit, place: FuelPlace, { isEntry, firstHelper }: { isEntry: boolean; firstHelper: number }): number[] {
  const callHelper = (helper: number): number[] => [OP.call, ...u32(firstHelper + helper), ...reloadCode(place)];
  switch (edit.kind) {
    case "head": {
      const cost = Math.max(1, isCoarse(edit) ? edit.region.cost : edit.cost);
      return isEntry ? enterCode(place, cost) : chargeCode(place, cost, true);
    }
    case "inner":
      return isCoarse(edit) || edit.cost === 0 ? [] : chargeCode(place, edit.cost, false);
    case "called":
      return reloadCode(place);
    case "bulk_memory":
      return callHelper(HELPER.bulkMemory);
    case "bulk_table":
      return callHelper(HELPER.bulkTable);
    case "grow":
      return callHelper(HELPER.grow);
  }
}
