import type { Reader } from "./binary-reader.ts";
import { createReader, expectEnd, invalidAt, isAtEnd, readByte, readU32, skipBytes, skipLeb } from "./binary-reader.ts";
import { MAX_LOOPS, MAX_MERGES, MAX_NESTING, checkLimit } from "./module-limits.ts";
import type { Immediate } from "./opcodes.ts";
import { BULK_MEMORY, BULK_TABLE, OP, deniedFeature, immediateOf, immediateOfPrefixed, isPrefix } from "./opcodes.ts";
import { readReferenceType, readValueType, skipBlockType } from "./value-types.ts";

/*
 * Where fuel is charged. What must stay true:
 * 1. Every way from one instruction to another that is not in the same segment passes the start of the target's segment.
 *    Ways that are not straight on end at: a function's entry, a loop's head, the end of a block that a branch names,
 *    an arm of an `if`, the end of an `if`. Those are exactly the places where segments start.
 * 2. A region is a function's body, or a loop's body, without the loops inside. It is entered at its head only, and within one
 *    passage of it no instruction runs twice. So the head may be charged for the whole region ("coarse") instead of by segments.
 * 3. A function that nothing but calls can reach is paid for by who calls it: its entry's segment, or region, costs the caller what it
 *    would cost itself, at a place from which the way to the call is straight on. Then a function that calls nothing needs no charge at all.
 * 4. The number of instructions between two heads or paid calls is bounded by the code's size, so only those check that fuel is left.
 */

/** How many things of each kind the original module has. What meter() adds lies behind them, out of reach of the original code. */
export type Counts = {
  readonly types: number;
  readonly functions: number;
  readonly globals: number;
  readonly tables: number;
  readonly memories: number;
};

/** `cost` is that of the segment, `calls` what the calls cost that follow straight on. `paid` is the entry of a function that its callers pay for. */
export type Charge = {
  readonly kind: "head" | "paid" | "inner" | "calls";
  readonly at: number;
  cost: number;
  calls: number;
  readonly region: Region;
};
export type Edit =
  | Charge
  | { readonly kind: "bulk_memory" | "bulk_table" | "called"; readonly at: number }
  | { readonly kind: "grow"; readonly at: number; readonly until: number };
export type Region = { cost: number };

type Frame = { readonly kind: "block" | "if" | "loop"; readonly outer: Charge; isTarget: boolean };
type Scan = {
  readonly reader: Reader;
  readonly counts: Counts;
  readonly locals: number;
  readonly frames: Frame[];
  readonly edits: Edit[];
  current: Charge;
  /** The last charge from which the way is straight on to here. */
  straight: Charge | undefined;
  readonly costOfCall: CostOfCall;
  loops: number;
  /** Places to which control may come from more than one side, each branch counted. */
  joins: number;
};

/** They shape the code and become no code themselves; the hundreds of blocks around an interpreter's `switch` would cost more than its work. */
const FREE: ReadonlySet<number> = new Set([OP.block, OP.loop, OP.else, OP.end]);

/** What who calls a function has to pay for it; 0 when it pays itself. */
export type CostOfCall = (functionIndex: number) => number;

/** What a function needs put in, in the order of its code; `merges` is its share of MAX_MODULE_MERGES. */
export type ChargePoints = { readonly entry: Charge; readonly edits: readonly Edit[]; readonly merges: number };

/**
 * Reads a function's instructions once. `locals` counts the parameters, too; `isPaid`: its callers pay for its entry.
 * @throws ArcrunError `wasm.invalid`, `wasm.feature_denied`, `wasm.too_large`
 */
export function findChargePoints(
  reader: Reader,
  counts: Counts,
  { locals, isPaid, costOfCall }: { readonly locals: number; readonly isPaid: boolean; readonly costOfCall: CostOfCall },
): ChargePoints {
  // Locals are zeroed at each call, so they are not free.
  const entry: Charge = {
    kind: isPaid ? "paid" : "head",
    at: reader.position,
    cost: locals >> 2,
    calls: 0,
    region: { cost: locals >> 2 },
  };
  const body: Frame = { kind: "block", outer: entry, isTarget: false };
  const scan: Scan = {
    reader,
    counts,
    locals,
    costOfCall,
    frames: [body],
    edits: [entry],
    current: entry,
    straight: entry,
    loops: 0,
    joins: 0,
  };
  while (scan.frames.length > 0) scanInstruction(scan);
  expectEnd(reader, "a function");
  const merges = scan.joins * (locals + 1);
  checkLimit("locals times branches in a function", merges, MAX_MERGES);
  return { entry, edits: scan.edits, merges };
}

function scanInstruction(scan: Scan): void {
  const { reader } = scan;
  if (isAtEnd(reader)) throw invalidAt(reader.position, "a function has no end");
  const at = reader.position;
  const opcode = readByte(reader);
  const cost = FREE.has(opcode) ? 0 : 1;
  scan.current.cost += cost;
  scan.current.region.cost += cost;
  if (isPrefix(opcode)) {
    const second = readU32(reader);
    skipImmediate(scan, immediateOfPrefixed(opcode, second, at));
    if (BULK_MEMORY.has(second)) scan.edits.push({ kind: "bulk_memory", at });
    if (BULK_TABLE.has(second)) scan.edits.push({ kind: "bulk_table", at });
    return;
  }
  skipImmediate(scan, immediateOf(opcode, at));
  if (opcode === OP.memoryGrow) scan.edits.push({ kind: "grow", at, until: reader.position });
  else if (opcode === OP.block || opcode === OP.if || opcode === OP.loop) open(scan, opcode);
  else if (opcode === OP.call) payCall(scan, at);
  else if (opcode === OP.callIndirect) scan.edits.push({ kind: "called", at: reader.position });
  else if (opcode === OP.brIf) scan.straight = undefined;
  else if (opcode === OP.else) startSegment(scan);
  else if (opcode === OP.end) close(scan);
}

function payCall(scan: Scan, at: number): void {
  const { reader, edits, current } = scan;
  const cost = scan.costOfCall(readU32(createReader(reader.bytes, at + 1, reader.position)));
  if (cost > 0 && scan.straight === undefined) {
    scan.straight = { kind: "calls", at, cost: 0, calls: 0, region: current.region };
    edits.push(scan.straight);
  }
  if (cost > 0 && scan.straight !== undefined) scan.straight.calls += cost;
  edits.push({ kind: "called", at: reader.position });
}

function open(scan: Scan, opcode: number): void {
  const kind = opcode === OP.loop ? "loop" : opcode === OP.if ? "if" : "block";
  scan.frames.push({ kind, outer: scan.current, isTarget: false });
  scan.joins += 1;
  checkLimit("blocks in each other", scan.frames.length, MAX_NESTING);
  if (kind === "if") startSegment(scan);
  if (kind !== "loop") return;
  scan.loops += 1;
  checkLimit("loops in a function", scan.loops, MAX_LOOPS);
  begin(scan, { kind: "head", at: scan.reader.position, cost: 0, calls: 0, region: { cost: 0 } });
}

function begin(scan: Scan, charge: Charge): void {
  scan.current = charge;
  scan.straight = charge;
  scan.edits.push(charge);
}

function close(scan: Scan): void {
  const frame = scan.frames.pop();
  if (frame === undefined || scan.frames.length === 0) return;
  // Nothing but the loop's own code leads to its end, so the outer segment goes on where it was.
  if (frame.kind === "loop") [scan.current, scan.straight] = [frame.outer, undefined];
  else if (frame.kind === "if" || frame.isTarget) startSegment(scan);
}

function startSegment(scan: Scan): void {
  begin(scan, { kind: "inner", at: scan.reader.position, cost: 0, calls: 0, region: scan.current.region });
}

function markTarget(scan: Scan): void {
  const frame = scan.frames.at(-1 - readU32(scan.reader));
  if (frame === undefined) throw invalidAt(scan.reader.position, "a branch leads out of its function");
  scan.joins += 1;
  frame.isTarget = true;
}

function readIndex(scan: Scan, count: number, what: string): void {
  const index = readU32(scan.reader);
  if (index >= count) throw invalidAt(scan.reader.position, `there is no ${what} ${index}`);
}

function skipMemoryIndex(scan: Scan): void {
  if (readByte(scan.reader) !== 0) throw deniedFeature("multiple memories", "an instruction names a second memory");
  if (scan.counts.memories === 0) throw invalidAt(scan.reader.position, "there is no memory");
}

function skipAccess(scan: Scan): void {
  const align = readU32(scan.reader);
  if (align >= 0x40) throw deniedFeature("multiple memories", "an instruction names a second memory");
  readU32(scan.reader);
}

function repeat(reader: Reader, step: () => void): void {
  for (let left = readU32(reader); left > 0; left -= 1) step();
}

/** Invariant 5: an index that the original module does not have is refused here, so that no code can reach what meter() adds. */
const SKIP: Readonly<Record<Immediate, (scan: Scan) => void>> = {
  none: () => undefined,
  block: (scan) => skipBlockType(scan.reader, scan.counts.types),
  label: markTarget,
  labels: (scan) => {
    repeat(scan.reader, () => markTarget(scan));
    markTarget(scan);
  },
  function: (scan) => readIndex(scan, scan.counts.functions, "function"),
  indirect: (scan) => {
    readIndex(scan, scan.counts.types, "type");
    readIndex(scan, scan.counts.tables, "table");
  },
  value_types: (scan) => repeat(scan.reader, () => readValueType(scan.reader)),
  local: (scan) => readIndex(scan, scan.locals, "local"),
  global: (scan) => readIndex(scan, scan.counts.globals, "global"),
  table: (scan) => readIndex(scan, scan.counts.tables, "table"),
  two_tables: (scan) => {
    readIndex(scan, scan.counts.tables, "table");
    readIndex(scan, scan.counts.tables, "table");
  },
  element_table: (scan) => {
    readU32(scan.reader);
    readIndex(scan, scan.counts.tables, "table");
  },
  element: (scan) => void readU32(scan.reader),
  data: (scan) => void readU32(scan.reader),
  data_memory: (scan) => {
    readU32(scan.reader);
    skipMemoryIndex(scan);
  },
  access: skipAccess,
  memory: skipMemoryIndex,
  two_memories: (scan) => {
    skipMemoryIndex(scan);
    skipMemoryIndex(scan);
  },
  i32: (scan) => skipLeb(scan.reader, 5),
  i64: (scan) => skipLeb(scan.reader, 10),
  f32: (scan) => skipBytes(scan.reader, 4),
  f64: (scan) => skipBytes(scan.reader, 8),
  reference_type: (scan) => void readReferenceType(scan.reader),
};

const skipImmediate = (scan: Scan, immediate: Immediate): void => SKIP[immediate](scan);
