/** Values and bodies that make no sense, or almost. */
import fc from "fast-check";

const LONE = "\ud800";
const TEXTS = [
  "",
  " ",
  "0",
  "-1",
  "1e999",
  "NaN",
  "null",
  "__proto__",
  "constructor",
  "toString",
  "é✂𝄞",
  "a\u0000b",
  "\u202e",
  "x".repeat(300),
  "'; DROP TABLE runs; --",
  "{{input}}",
  "${1}",
  "../../x",
  LONE,
];
const NUMBERS = [0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, 5e-324];
export const oddText = fc.oneof(fc.constantFrom(...TEXTS), fc.string({ unit: "binary", maxLength: 20 }));
const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  oddText,
  fc.constantFrom<unknown>(...NUMBERS, null, true, [], {}, [[]], [null], { "": "" }, [{}, 1, "x"]),
  fc.jsonValue({ maxDepth: 3 }),
);

const WORKFLOW = {
  name: "odd",
  description: "d",
  flow: ["input >> ON_SUCCESS >> a", "a >> ON_FAIL >> b"],
  config: { a: { component: "set", values: { n: "{{input.n}}" } }, b: { component: "set", values: [1] } },
  policy: { a: { retry: { attempts: 2 } } },
};
/** What a route takes gladly; it is spoiled in one place. */
const BODIES: Readonly<Record<string, unknown>> = {
  "/webhooks/named": WORKFLOW,
  "/validate": WORKFLOW,
  "/cypher/execute": { triplets: WORKFLOW.flow, config: WORKFLOW.config, context: { n: 1 } },
  "/keys": { name: "n", scopes: ["read"], tenant: "c" },
  "/credentials/:name": { value: "secret", hosts: ["example.com"] },
  "/runs/:id/redrive": { nodes: ["a"], items: ["a"], version: "v1", dry_run: true, confirm: true },
  "/runs/:id/cancel": { reason: "r" },
  "/dead-letters/:id/redrive": { confirm: true, dry_run: true },
  "/workflows/resume": { run_id: "run", task_id: "t", success: true, data: {} },
  "/workflows/resume/:token": { success: false, error: { code: "a.b", message: "m", retryable: true, details: {} } },
  "/approvals/:token": { approved: true, comment: "c", data: {} },
};

/** One value somewhere in it becomes an odd one, or an odd key comes in. */
function spoiled(value: unknown, odd: unknown, key: string, steps: readonly number[]): unknown {
  const [step = 0, ...rest] = steps;
  if (typeof value !== "object" || value === null || step === 0) return odd;
  const entries = Object.entries(value);
  const at = step % (entries.length + 1);
  const changed = entries.map(([name, inner], index) => [name, index === at ? spoiled(inner, odd, key, rest) : inner] as const);
  if (Array.isArray(value)) return [...changed.map(([, inner]) => inner), ...(at === entries.length ? [odd] : [])];
  // As JSON has it: `__proto__` is a key like any other.
  return Object.fromEntries(at === entries.length ? [...changed, [key, odd]] : changed);
}

const nested = (open: string, close: string) => fc.nat({ max: 3000 }).map((depth) => `${open.repeat(depth)}1${close.repeat(depth)}`);
const YAMLS = [
  "a: &a [*a, *a]",
  "a: *b",
  "? {a: 1}\n: b",
  "!!js/function x",
  "!!binary x",
  "a: 1\na: 2",
  "- - - -",
  "\t",
  "%YAML 9.9\n---\n",
  "a: |\n b",
  "<<: {a: 1}",
  "---\n---",
  "a: .inf",
  "a: 0x" + "f".repeat(400),
  "a: 1e99999",
  `x: &x [${"1,".repeat(50)}]\n${"y: *x\n".repeat(20)}`,
];

export function bodiesOf(path: string): fc.Arbitrary<string | Uint8Array> {
  const good = BODIES[path] ?? {};
  const near = fc
    .tuple(oddValue, fc.constantFrom(...TEXTS), fc.array(fc.nat({ max: 20 }), { maxLength: 5 }))
    .map(([odd, key, steps]) => JSON.stringify(spoiled(good, odd, key, steps)) ?? "");
  const cut = fc.nat({ max: 200 }).map((length) => JSON.stringify(good).slice(0, length));
  const wide = fc
    .nat({ max: 5000 })
    .map((count) => JSON.stringify({ ...(good as object), wide: Array.from({ length: count }, () => ({})) })); // all of the table are objects
  return fc.oneof(
    { weight: 8, arbitrary: near },
    { weight: 1, arbitrary: fc.constant(JSON.stringify(good)) },
    { weight: 2, arbitrary: fc.oneof(cut, wide, fc.json({ maxDepth: 4 })) },
    { weight: 1, arbitrary: fc.oneof(nested("[", "]"), nested('{"a":', "}"), nested("[", "")) },
    { weight: 1, arbitrary: fc.oneof(fc.constantFrom(...YAMLS), fc.string({ unit: "binary", maxLength: 200 })) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }) },
    { weight: path === "/parts" ? 12 : 1, arbitrary: form },
  );
}

export const BOUNDARY = "odd";
/** Multipart, more or less. */
const form = fc
  .tuple(
    fc.array(
      fc.tuple(
        fc.constantFrom("manifest", "wasm", "source", "__proto__", ""),
        fc.oneof(oddText, fc.constantFrom("{}", '{"name":"p"}', "\0asm\u0001\0\0\0", "[[[[")),
      ),
      { maxLength: 4 },
    ),
    fc.boolean(),
    fc.nat(400),
  )
  .map(([fields, isWhole, length]) => {
    const parts = fields.map(
      ([name, value]) => `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"; filename="f"\r\n\r\n${value}\r\n`,
    );
    const text = `${parts.join("")}--${BOUNDARY}--\r\n`;
    return isWhole ? text : text.slice(0, length);
  });
