import type { Reader } from "./binary-reader.ts";
import { readU32 } from "./binary-reader.ts";
import { createWriter, u32, writeBytes, written } from "./binary-writer.ts";
import type { Charge, Counts, Edit } from "./charge-points.ts";
import { findChargePoints } from "./charge-points.ts";
import type { FuelPlace } from "./metering-code.ts";
import { HELPER, chargeCode, enterCode, reloadCode } from "./metering-code.ts";
import { MAX_BODY_BYTES, MAX_LOCALS, checkLimit } from "./module-limits.ts";
import { OP } from "./opcodes.ts";
import { readValueType } from "./value-types.ts";

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

export type MeteredBody = { readonly bytes: Uint8Array; readonly merges: number };

/** Rewrites one function's body (locals and instructions, without the size in front). */
export function meterBody(reader: Reader, parameters: number, targets: Targets): MeteredBody {
  checkLimit("bytes in the body of a function", reader.end - reader.position, MAX_BODY_BYTES);
  const { groups, start, locals } = readLocals(reader, parameters);
  const instructions = reader.position;
  const { edits, merges } = findChargePoints(reader, targets.counts, locals);
  const place: FuelPlace = { fuel: targets.fuel, local: locals };
  const codeFor = createCoder(place, chargesOften(edits), targets.firstHelper);
  const out = createWriter((reader.end - start) * 2 + 64);
  writeBytes(out, u32(groups + 1));
  writeBytes(out, reader.bytes.subarray(start, instructions));
  writeBytes(out, [1, I64]);
  let copied = instructions;
  for (const edit of edits) {
    const added = edit === edits[0] ? enterCode(place, costOf(edit)) : codeFor(edit);
    if (added.length === 0) continue;
    writeBytes(out, reader.bytes.subarray(copied, edit.at));
    writeBytes(out, added);
    copied = edit.kind === "grow" ? edit.until : edit.at;
  }
  writeBytes(out, reader.bytes.subarray(copied, reader.end));
  return { bytes: written(out), merges };
}

/** Reads the declared locals; `start` is where their groups stand, `locals` counts the parameters, too. */
function readLocals(reader: Reader, parameters: number): { groups: number; start: number; locals: number } {
  const groups = readU32(reader);
  const start = reader.position;
  let locals = parameters;
  for (let left = groups; left > 0; left -= 1) {
    locals += readU32(reader);
    readValueType(reader);
    checkLimit("locals in a function", locals, MAX_LOCALS);
  }
  return { groups, start, locals };
}

const isCoarse = (charge: Charge): boolean => charge.region.cost <= MAX_COARSE_COST;

const chargesOften = (edits: readonly Edit[]): boolean =>
  edits.filter((edit) => edit.kind === "head" || (edit.kind === "inner" && !isCoarse(edit))).length > 1;

/** What a charge takes off the fuel: nothing for a segment that its region's head has paid for. */
function costOf(edit: Edit): number {
  switch (edit.kind) {
    case "head":
      return Math.max(1, isCoarse(edit) ? edit.region.cost : edit.cost);
    case "inner":
      return isCoarse(edit) ? 0 : edit.cost;
    case "called":
    case "bulk_memory":
    case "bulk_table":
    case "grow":
      return 0;
  }
}

/** Gives the code of an edit. `reloads`: the function charges again later, so its copy of the fuel must be right after a call. */
function createCoder(place: FuelPlace, reloads: boolean, firstHelper: number): (edit: Edit) => readonly number[] {
  const reload = reloads ? reloadCode(place) : [];
  const callHelper = (helper: number): readonly number[] => [OP.call, ...u32(firstHelper + helper), ...reload];
  // Most charges of a function are of a few small costs.
  const charges = { head: new Map<number, readonly number[]>(), inner: new Map<number, readonly number[]>() };
  const charge = (kind: "head" | "inner", cost: number): readonly number[] => {
    const known = charges[kind].get(cost);
    if (known !== undefined) return known;
    const made = chargeCode(place, cost, kind === "head");
    charges[kind].set(cost, made);
    return made;
  };
  return (edit) => {
    switch (edit.kind) {
      case "head":
        return charge("head", costOf(edit));
      case "inner": {
        const cost = costOf(edit);
        return cost === 0 ? [] : charge("inner", cost);
      }
      case "called":
        return reload;
      case "bulk_memory":
        return callHelper(HELPER.bulkMemory);
      case "bulk_table":
        return callHelper(HELPER.bulkTable);
      case "grow":
        return callHelper(HELPER.grow);
    }
  };
}
