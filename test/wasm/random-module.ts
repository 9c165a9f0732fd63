/**
 * Random modules that are valid and end by themselves. What bounds them:
 * 1. Each loop counts down a local of its own, and every branch to its head goes through that count.
 * 2. Each function takes one from the global `calls` and returns at once when none is left, however it was called.
 * 3. Floats leave the float instructions through comparisons and saturating conversions only, since the bits of a NaN are the engine's choice.
 * Global number WORK_GLOBAL is not used: a test may count in it.
 */
import type { Function, Scope, Type } from "./random-code.ts";
import { TABLE_SIZE, TYPES, constant, expression, resultsText, statements } from "./random-code.ts";
import { createSeeded, type Seeded } from "./seeded.ts";

const MAX_CALLS = 300;
export const WORK_GLOBAL = 1;
/** Its own maximum, so that metering changes nothing about what growing gives. */
const MAX_PAGES = 20;

export function randomModule(seed: number): string {
  const random = createSeeded(seed);
  const types = (count: number): Type[] => Array.from({ length: count }, () => random.pick(TYPES));
  const functions = Array.from({ length: 2 + random.below(5) }, (_, index) => {
    return { name: `$f${index}`, parameters: types(random.below(4)), results: types(random.below(3)) };
  });
  const bodies = functions.map((self) => functionText({ random, functions, self, locals: [], labels: [] }));
  const entries = Array.from({ length: TABLE_SIZE }, () => random.pick(functions).name);
  return `(module
  (memory (export "memory") 1 ${MAX_PAGES})
  (table $t (export "table") ${TABLE_SIZE + 4} 40 funcref)
  (elem (table $t) (i32.const 0) func ${entries.join(" ")})
  (elem $e func ${entries.slice(0, 4).join(" ")})
  (elem declare func ${functions.map(({ name }) => name).join(" ")})
  (data (i32.const 64) "some data that is there from the start")
  (data $d "data that is brought in by hand")
  (global $calls (mut i32) (i32.const ${MAX_CALLS}))
  (global $work (export "work") (mut i64) (i64.const 0))
  ${TYPES.map((type) => `(global $g${type} (export "g_${type}") (mut ${type}) (${type}.const ${random.below(100)}))`).join("\n  ")}
${bodies.join("\n")}
  (func (export "_start")
    ${functions.map((self) => storeResults(self, random)).join("\n    ")})
)`;
}

function functionText(scope: Scope): string {
  const { self, random, locals } = scope;
  self.parameters.forEach((type, index) => locals.push({ name: `$p${index}`, type }));
  const own = Array.from({ length: 2 + random.below(4) }, (_, index) => ({ name: `$v${index}`, type: random.pick(TYPES) }));
  locals.push(...own);
  const counters = Array.from({ length: 12 }, (_, index) => `(local $c${index} i32)`);
  const body = statements(scope, 3, 3 + random.below(4));
  const zeros = self.results.map((type) => `(${type}.const 0)`).join(" ");
  return `  (func ${self.name} ${self.parameters.map((type, index) => `(param $p${index} ${type})`).join(" ")} ${resultsText(self.results)}
    ${own.map(({ name, type }) => `(local ${name} ${type})`).join(" ")} ${counters.join(" ")}
    (if (i32.le_s (global.get $calls) (i32.const 0)) (then (return ${zeros})))
    (global.set $calls (i32.sub (global.get $calls) (i32.const 1)))
    ${body}
    ${self.results.map((type) => expression(scope, type, 2)).join(" ")})`;
}

/** Calls a function and lays what it gives into the memory, as whole numbers. */
function storeResults({ name, parameters, results }: Function, random: Seeded): string {
  const given = parameters.map((type) => constant(random, type)).join(" ");
  const kept = results
    .toReversed()
    .map((type, index) => `(global.set $g${type}) (i64.store (i32.const ${index * 8}) ${asI64(`(global.get $g${type})`, type)})`);
  return `(call ${name} ${given}) ${kept.join(" ")}`;
}

function asI64(text: string, type: Type): string {
  if (type === "i64") return text;
  return type === "i32" ? `(i64.extend_i32_s ${text})` : `(i64.trunc_sat_${type}_s ${text})`;
}
