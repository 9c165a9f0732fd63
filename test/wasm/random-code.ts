/** Random instructions in text, for random-module.ts: there it says what bounds them. */
import type { Seeded } from "./seeded.ts";

export type Type = "i32" | "i64" | "f32" | "f64";
type Label = { readonly name: string; readonly results: readonly Type[]; readonly counter?: string };
export type Function = { readonly name: string; readonly parameters: readonly Type[]; readonly results: readonly Type[] };
export type Scope = {
  readonly random: Seeded;
  readonly functions: readonly Function[];
  readonly self: Function;
  readonly locals: { readonly name: string; readonly type: Type }[];
  readonly labels: Label[];
};

export const TYPES: readonly Type[] = ["i32", "i64", "f32", "f64"];
export const TABLE_SIZE = 12;
const MAX_ROUNDS = 4;

export const resultsText = (types: readonly Type[]): string => (types.length === 0 ? "" : `(result ${types.join(" ")})`);

export function constant(random: Seeded, type: Type): string {
  const whole = random.pick([0, 1, -1, 2, 7, 31, 64, 255, 65_535, -128, 2_147_483_647, random.below(1000)]);
  return `(${type}.const ${type.startsWith("f") ? random.pick([String(whole), "0.5", "-1e9", "inf", "nan", "3.25"]) : whole})`;
}

export function expression(scope: Scope, type: Type, depth: number): string {
  const { random } = scope;
  const inner = (of: Type = type): string => expression(scope, of, depth - 1);
  const local = scope.locals.filter((each) => each.type === type);
  if (depth <= 0) return local.length > 0 && random.chance(60) ? `(local.get ${random.pick(local).name})` : constant(random, type);
  const common: (() => string)[] = [
    () => `(global.get $g${type})`,
    () => `(select ${inner()} ${inner()} ${inner("i32")})`,
    () => `(select (result ${type}) ${inner()} ${inner()} ${inner("i32")})`,
    () => `(if (result ${type}) ${inner("i32")} (then ${inner()}) (else ${inner()}))`,
    () => blockExpression(scope, type, depth),
    () => callExpression(scope, type, depth) ?? inner(),
    () => (local.length > 0 ? `(local.tee ${random.pick(local).name} ${inner()})` : inner()),
  ];
  const own = type === "i32" || type === "i64" ? wholeExpressions(scope, type, depth) : floatExpressions(scope, type, depth);
  return random.pick(random.chance(35) ? common : own)();
}

function wholeExpressions(scope: Scope, type: "i32" | "i64", depth: number): (() => string)[] {
  const { random } = scope;
  const inner = (of: Type = type): string => expression(scope, of, depth - 1);
  const binary = ["add", "sub", "mul", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl", "rotr"];
  const loads = type === "i32" ? ["load", "load8_s", "load8_u", "load16_s"] : ["load", "load8_u", "load16_u", "load32_s", "load32_u"];
  const unary = ["clz", "ctz", "popcnt", "extend8_s", "extend16_s"];
  const either: (() => string)[] = [
    () => `(${type}.${random.pick(binary)} ${inner()} ${inner()})`,
    () => `(${type}.${random.pick(unary)} ${inner()})`,
    () => `(${type}.${random.pick(["div_s", "div_u", "rem_s", "rem_u"])} ${inner()} (${type}.or ${inner()} (${type}.const 1)))`,
    () => `(${type}.${random.pick(loads)} ${address(scope, depth)})`,
    () => `(${type}.trunc_sat_${random.pick(["f32_s", "f32_u"])} ${inner("f32")})`,
    () => `(${type}.trunc_sat_${random.pick(["f64_s", "f64_u"])} ${inner("f64")})`,
  ];
  if (type === "i64") return [...either, () => `(i64.extend_i32_${random.pick(["s", "u"])} ${inner("i32")})`];
  const compared = random.pick(TYPES);
  const order = compared.startsWith("f") ? ["lt", "gt", "le"] : ["lt_s", "gt_u", "le_s", "ge_u"];
  return [
    ...either,
    () => `(${compared}.${random.pick(["eq", "ne", ...order])} ${inner(compared)} ${inner(compared)})`,
    () => `(i32.wrap_i64 ${inner("i64")})`,
    () => `(i64.eqz ${inner("i64")})`,
    () => "(memory.size)",
    () => "(table.size $t)",
    () => `(memory.grow (i32.and ${inner()} (i32.const 1)))`,
    () => `(table.grow $t (ref.null func) (i32.and ${inner()} (i32.const 3)))`,
    () => `(ref.is_null (table.get $t (i32.and ${inner()} (i32.const 7))))`,
    // Sometimes an address that is no good, so that traps are compared, too.
    () => (random.chance(4) ? `(i32.load ${inner()})` : `(i32.load16_u ${address(scope, depth)})`),
  ];
}

function floatExpressions(scope: Scope, type: "f32" | "f64", depth: number): (() => string)[] {
  const { random } = scope;
  const inner = (of: Type = type): string => expression(scope, of, depth - 1);
  return [
    () => `(${type}.${random.pick(["add", "sub", "mul", "div", "min", "max"])} ${inner()} ${inner()})`,
    () => `(${type}.${random.pick(["abs", "neg", "ceil", "floor", "trunc", "nearest", "sqrt"])} ${inner()})`,
    () => `(${type}.convert_${random.pick(["i32_s", "i32_u"])} ${inner("i32")})`,
    () => `(${type}.convert_${random.pick(["i64_s", "i64_u"])} ${inner("i64")})`,
    () => (type === "f32" ? `(f32.demote_f64 ${inner("f64")})` : `(f64.promote_f32 ${inner("f32")})`),
  ];
}

const address = (scope: Scope, depth: number): string => `(i32.and ${expression(scope, "i32", depth - 1)} (i32.const 0x7fff))`;

function blockExpression(scope: Scope, type: Type, depth: number): string {
  const { random, labels } = scope;
  const name = `$b${labels.length}`;
  labels.push({ name, results: [type] });
  const leave = `(drop (br_if ${name} ${expression(scope, type, depth - 1)} ${expression(scope, "i32", depth - 1)}))`;
  const text = `(block ${name} (result ${type}) ${statements(scope, depth - 1, random.below(2))} ${leave} ${expression(scope, type, depth - 1)})`;
  labels.pop();
  return text;
}

function callExpression(scope: Scope, type: Type, depth: number): string | undefined {
  const { random } = scope;
  const callee = random.pick(scope.functions);
  if (callee.results.length !== 1 || callee.results[0] !== type) return undefined;
  const given = callee.parameters.map((each) => expression(scope, each, depth - 1)).join(" ");
  if (random.chance(60)) return `(call ${callee.name} ${given})`;
  const signature = `${callee.parameters.map((each) => `(param ${each})`).join(" ")} ${resultsText(callee.results)}`;
  return `(call_indirect $t ${signature} ${given} (i32.rem_u ${expression(scope, "i32", depth - 1)} (i32.const ${TABLE_SIZE + 2})))`;
}

export const statements = (scope: Scope, depth: number, count: number): string =>
  Array.from({ length: count }, () => statement(scope, depth)).join("\n    ");

function statement(scope: Scope, depth: number): string {
  const { random, locals, labels } = scope;
  const inner = (type: Type): string => expression(scope, type, Math.max(depth - 1, 0));
  const simple: (() => string)[] = [
    () => {
      const { name, type } = random.pick(locals);
      return `(local.set ${name} ${expression(scope, type, depth)})`;
    },
    () => {
      const type = random.pick(TYPES);
      return `(global.set $g${type} ${expression(scope, type, depth)})`;
    },
    () => `(i32.${random.pick(["store", "store8", "store16"])} ${address(scope, depth)} ${inner("i32")})`,
    () => `(i64.${random.pick(["store", "store32"])} ${address(scope, depth)} ${inner("i64")})`,
    () => `(drop ${inner(random.pick(TYPES))})`,
  ];
  if (depth <= 0) return random.pick(simple)();
  const nested: (() => string)[] = [
    () => loopText(scope, depth),
    () => loopText(scope, depth),
    () => `(if ${inner("i32")} (then ${statements(scope, depth - 1, 2)}) (else ${statements(scope, depth - 1, 1)}))`,
    () => `(if ${inner("i32")} (then ${statements(scope, depth - 1, 1 + random.below(3))}))`,
    () => blockText(scope, depth),
    () => switchText(scope, depth),
    () => bulkText(scope, depth),
    () => branchText(scope, depth) ?? random.pick(simple)(),
  ];
  return random.pick(labels.length < 6 && random.chance(60) ? nested : simple)();
}

const again = (counter: string): string => `(i32.gt_s (local.tee ${counter} (i32.sub (local.get ${counter}) (i32.const 1))) (i32.const 0))`;

function loopText(scope: Scope, depth: number): string {
  const { random, labels } = scope;
  const [name, counter] = [`$l${labels.length}`, `$c${labels.length}`];
  labels.push({ name, results: [], counter });
  const body = statements(scope, depth - 1, 1 + random.below(3));
  labels.pop();
  return `(local.set ${counter} (i32.const ${1 + random.below(MAX_ROUNDS)})) (loop ${name} ${body} (br_if ${name} ${again(counter)}))`;
}

/** A block that gives two values, or none. */
function blockText(scope: Scope, depth: number): string {
  const { random, labels } = scope;
  const results: readonly Type[] = random.chance(50) ? [] : [random.pick(TYPES), random.pick(TYPES)];
  const name = `$b${labels.length}`;
  labels.push({ name, results });
  const body = statements(scope, depth - 1, 1 + random.below(3));
  const values = results.map((type) => expression(scope, type, depth - 1)).join(" ");
  labels.pop();
  const signature = results.length === 0 ? "" : resultsText(results);
  return `(block ${name} ${signature} ${body} ${values}) ${results.map(() => "(drop)").join(" ")}`;
}

function switchText(scope: Scope, depth: number): string {
  const { random, labels } = scope;
  const names = Array.from({ length: 2 + random.below(3) }, (_, index) => `$s${labels.length + index}`);
  for (const name of names) labels.push({ name, results: [] });
  const inner = expression(scope, "i32", depth - 1);
  const opening = names.map((name) => `(block ${name}`).join(" ");
  const branch = `(br_table ${names.toReversed().join(" ")} ${random.pick(names)} ${inner})`;
  let text = `${opening} ${branch}`;
  for (const _ of names) {
    labels.pop();
    text += `) ${statements(scope, depth - 1, 1)}`;
  }
  return text;
}

function bulkText(scope: Scope, depth: number): string {
  const small = (mask: number): string => `(i32.and ${expression(scope, "i32", depth - 1)} (i32.const ${mask}))`;
  return scope.random.pick([
    `(memory.fill ${address(scope, depth)} ${small(255)} ${small(511)})`,
    `(memory.copy ${address(scope, depth)} ${address(scope, depth)} ${small(1023)})`,
    `(memory.init $d ${address(scope, depth)} ${small(3)} ${small(7)})`,
    `(table.init $t $e ${small(7)} ${small(1)} ${small(1)})`,
    `(table.copy $t $t ${small(3)} ${small(3)} ${small(3)})`,
    `(table.set $t ${small(7)} (ref.func ${scope.self.name}))`,
  ]);
}

/** A branch to any label around, on a condition: what follows stays reachable. */
function branchText(scope: Scope, depth: number): string | undefined {
  const { random, labels, self } = scope;
  const condition = expression(scope, "i32", depth - 1);
  if (labels.length === 0 || random.chance(10)) {
    const values = self.results.map((type) => expression(scope, type, depth - 1)).join(" ");
    return `(if ${condition} (then (return ${values}) ${random.chance(30) ? "(drop) unreachable (br 0)" : ""}))`;
  }
  const { name, results, counter } = random.pick(labels);
  const values = results.map((type) => expression(scope, type, depth - 1)).join(" ");
  const chosen = counter === undefined ? condition : `(i32.and ${condition} ${again(counter)})`;
  return `(if ${chosen} (then (br ${name} ${values})))`;
}
