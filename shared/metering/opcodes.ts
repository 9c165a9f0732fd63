import { ArcrunError } from "../model/errors.ts";

/** What follows an opcode, so that the next one can be found. */
export type Immediate =
  | "none"
  | "block"
  | "label"
  | "labels"
  | "function"
  | "indirect"
  | "value_types"
  | "local"
  | "global"
  | "table"
  | "two_tables"
  | "element_table"
  | "element"
  | "data"
  | "data_memory"
  | "access"
  | "memory"
  | "two_memories"
  | "i32"
  | "i64"
  | "f32"
  | "f64"
  | "reference_type";

export const OP = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  brIf: 0x0d,
  call: 0x10,
  callIndirect: 0x11,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eq: 0x46,
  i32LeU: 0x4d,
  i64LtS: 0x53,
  i64GtU: 0x56,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64ShrU: 0x88,
  i64ExtendI32U: 0xad,
  refNull: 0xd0,
  refFunc: 0xd2,
  prefix: 0xfc,
} as const;

/** Second bytes of 0xFC whose work grows with the number on top of the stack. */
export const BULK_MEMORY: ReadonlySet<number> = new Set([8, 10, 11]);
export const BULK_TABLE: ReadonlySet<number> = new Set([12, 14, 15, 17]);

const PLAIN: Readonly<Record<number, Immediate>> = {
  0x00: "none",
  0x01: "none",
  0x02: "block",
  0x03: "block",
  0x04: "block",
  0x05: "none",
  0x0b: "none",
  0x0c: "label",
  0x0d: "label",
  0x0e: "labels",
  0x0f: "none",
  0x10: "function",
  0x11: "indirect",
  0x1a: "none",
  0x1b: "none",
  0x1c: "value_types",
  0x20: "local",
  0x21: "local",
  0x22: "local",
  0x23: "global",
  0x24: "global",
  0x25: "table",
  0x26: "table",
  0x3f: "memory",
  0x40: "memory",
  0x41: "i32",
  0x42: "i64",
  0x43: "f32",
  0x44: "f64",
  0xd0: "reference_type",
  0xd1: "none",
  0xd2: "function",
};

const PREFIXED: readonly Immediate[] = [
  ...Array.from({ length: 8 }, (): Immediate => "none"),
  "data_memory",
  "data",
  "two_memories",
  "memory",
  "element_table",
  "element",
  "two_tables",
  "table",
  "table",
  "table",
];

/** First and last opcode, and the feature they belong to. */
const DENIED: readonly (readonly [number, number, string])[] = [
  [0x06, 0x0a, "exception handling"],
  [0x12, 0x13, "tail calls"],
  [0x14, 0x15, "typed function references"],
  [0x18, 0x19, "exception handling"],
  [0x1f, 0x1f, "exception handling"],
  [0xd3, 0xd6, "garbage collection"],
  [0xe0, 0xe6, "stack switching"],
  [0xfe, 0xfe, "threads"],
];

/** Prefixes that more than one feature shares: the first number of each, the later ones first. */
const DENIED_PREFIXED: Readonly<Record<number, readonly (readonly [number, string])[]>> = {
  0xfb: [
    [0x80, "strings"],
    [0, "garbage collection"],
  ],
  0xfc: [
    [0x17, "an unknown instruction"],
    [0x13, "wide arithmetic"],
    [0x12, "memory control"],
  ],
  0xfd: [
    [0x100, "relaxed SIMD"],
    [0, "SIMD"],
  ],
};

/** `where` says what it was found by; `position` is the byte where. */
export const deniedFeature = (feature: string, where: string, position?: number): ArcrunError =>
  new ArcrunError(
    "wasm.feature_denied",
    `the module uses ${feature} (${where}${position === undefined ? "" : ` at byte ${position}`}), which a part may not`,
    { details: { feature, ...(position === undefined ? {} : { position }) } },
  );

const hex = (value: number): string => `0x${value.toString(16).padStart(2, "0")}`;

/** What follows a one-byte opcode. @throws ArcrunError `wasm.feature_denied` for every opcode that is not metered. */
export function immediateOf(opcode: number, position: number): Immediate {
  const known = PLAIN[opcode];
  if (known !== undefined) return known;
  if (opcode >= 0x28 && opcode <= 0x3e) return "access";
  if (opcode >= 0x45 && opcode <= 0xc4) return "none";
  const denied = DENIED.find(([first, last]) => opcode >= first && opcode <= last);
  throw deniedFeature(denied?.[2] ?? "an unknown instruction", `opcode ${hex(opcode)}`, position);
}

/** What follows a prefix and its second number. @throws ArcrunError `wasm.feature_denied` */
export function immediateOfPrefixed(prefix: number, second: number, position: number): Immediate {
  const known = prefix === OP.prefix ? PREFIXED[second] : undefined;
  if (known !== undefined) return known;
  const denied = DENIED_PREFIXED[prefix]?.find(([first]) => second >= first);
  throw deniedFeature(denied?.[1] ?? "an unknown instruction", `opcode ${hex(prefix)} ${hex(second)}`, position);
}

export const isPrefix = (opcode: number): boolean => opcode in DENIED_PREFIXED;
