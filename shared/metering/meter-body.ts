import type { Reader } from "./binary-reader.ts";
import { readU32 } from "./binary-reader.ts";
import { createWriter, u32, writeBytes, written } from "./binary-writer.ts";
import type { Charge, CostOfCall, Counts, Edit } from "./charge-points.ts";
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
  readonly costOfCall: CostOfCall;
};

/** `isPaid`: nothing but calls can reach it, and who calls it pays for its entry. */
export type Callable = { readonly parameters: number; readonly isPaid: boolean };

export type MeteredBody = { readonly bytes: Uint8Array; readonly merges: number };

/** Rewrites one function's body (locals and instructions, without the size in front). */
export function meterBody(reader: Reader, { parameters, isPaid }: Callable, targets: Targets): MeteredBody {
  const { groups, start, locals } = readLocals(reader, parameters);
  const instructions = reader.position;
  const { edits, merges } = findChargePoints(reader, targets.counts, { locals, isPaid, costOfCall: targets.costOfCall });
  const codeFor = createCoder(edits, { fuel: targets.fuel, local: locals }, targets.firstHelper);
  const out = createWriter((reader.end - start) * 2 + 64);
  writeBytes(out, u32(groups + 1));
  writeBytes(out, reader.bytes.subarray(start, instructions));
  writeBytes(out, [1, I64]);
  let copied = instructions;
  for (const edit of edits) {
    const added = codeFor(edit);
    if (added.length === 0) continue;
    writeBytes(out, reader.bytes.subarray(copied, edit.at));
    writeBytes(out, added);
    copied = edit.kind === "grow" ? edit.until : edit.at;
  }
  writeBytes(out, reader.bytes.subarray(copied, reader.end));
  return { bytes: written(out), merges };
}

/** `cost` is what a caller pays for a function (invariant 3 of charge-points.ts), `places` how many there are where metering adds code. */
export function readEntry(reader: Reader, parameters: number, counts: Counts): { readonly cost: number; readonly places: number } {
  checkLimit("bytes in the body of a function", reader.end - reader.position, MAX_BODY_BYTES);
  const { locals } = readLocals(reader, parameters);
  const { entry, edits } = findChargePoints(reader, counts, { locals, isPaid: false, costOfCall: () => 0 });
  return { cost: ownCost(entry), places: edits.length };
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

/** What a charge takes off the fuel for itself: nothing for a segment that its region's head has paid for. */
function ownCost(charge: Charge): number {
  switch (charge.kind) {
    case "head":
      return Math.max(1, isCoarse(charge) ? charge.region.cost : charge.cost);
    case "inner":
      return isCoarse(charge) ? 0 : charge.cost;
    case "paid":
    case "calls":
      return 0;
  }
}

const isCharge = (edit: Edit): edit is Charge => "region" in edit;
const totalCost = (charge: Charge): number => ownCost(charge) + charge.calls;

/** Gives the code of each edit of a function. */
function createCoder(edits: readonly Edit[], place: FuelPlace, firstHelper: number): (edit: Edit) => readonly number[] {
  const charges = edits.filter((edit) => isCharge(edit) && totalCost(edit) > 0);
  // A function that charges once, and not in a loop, takes the fuel from the global there, the others at their entry and after each call.
  const isOnce = charges.length === 1 && (charges[0] === edits[0] || charges[0]?.kind !== "head");
  const reload = isOnce || charges.length === 0 ? [] : reloadCode(place);
  const callHelper = (helper: number): readonly number[] => [OP.call, ...u32(firstHelper + helper), ...reload];
  const chargeOf = createChargeCoder(place);
  return (edit) => {
    switch (edit.kind) {
      case "head":
      case "paid":
      case "inner":
      case "calls": {
        const cost = totalCost(edit);
        const isEntry = edit === edits[0];
        if (cost === 0) return isEntry ? reload : [];
        return isEntry || isOnce ? enterCode(place, cost) : chargeOf(cost, edit.kind === "head" || edit.calls > 0);
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

/** Most charges of a function are of a few small costs, so their code is made once. */
function createChargeCoder(place: FuelPlace): (cost: number, check: boolean) => readonly number[] {
  const made = { checked: new Map<number, readonly number[]>(), plain: new Map<number, readonly number[]>() };
  return (cost, check) => {
    const known = made[check ? "checked" : "plain"];
    const code = known.get(cost) ?? chargeCode(place, cost, check);
    known.set(cost, code);
    return code;
  };
}
