/**
 * `node test/hostile/timing.mjs [samples]`: whether time tells what is wrong with a key or a token. Each class of wrong ones is measured in one process,
 * interleaved with all others in random order; each is compared with the first by Welch's t and by the gap of the medians. Ends with 1 if a gap is above 50 µs.
 */
import { loadTs } from "../../scripts/load-ts.mjs";

const samples = Number(process.argv[2] ?? 20_000);
const MAX_GAP_NS = 50_000;
const WARM_UP = 2000;
const { authenticate, createFailureBudget, createIds, sha256Hex } = await loadTs("test/hostile/timing-subjects.ts");

const ids = createIds("12".repeat(32));
const hex = (text) => sha256Hex(text).slice(0, 48);
const right = `ak_${hex("right")}`;
const store = new Map([[sha256Hex(right), { id: "key_1", tenant: "a", scopes: [] }]]);
const keys = { find: async (hash) => store.get(hash), mayExist: async (hash) => store.has(hash) };
/** Enough for all, and none. */
const budgets = { within: createFailureBudget(1e12, Date.now), spent: createFailureBudget(1e-9, Date.now) };
const flip = (text, at) => `${text.slice(0, at)}${text[at] === "0" ? "1" : "0"}${text.slice(at + 1)}`;
const asked = (key, failures) => {
  const headers = new Headers({ "x-arcrun-api-key": key, "cf-connecting-ip": "192.0.2.1" });
  return () => authenticate({ keys, failures }, headers).catch(() => undefined);
};

const run = ids.runId("a", "1");
const token = ids.callbackToken("a", run, { step: "one", generation: 0, wait: 0 });
const dot = token.indexOf(".");
const foreign = createIds("34".repeat(32)).callbackToken("b", ids.runId("b", "1"), { step: "one", generation: 0, wait: 0 });
const read = (text) => async () => ids.readToken(text);
const CLASSES = {
  keys: {
    unknown: asked(`ak_${hex("unknown")}`, budgets.within),
    "wrong in its first digit": asked(flip(right, 3), budgets.within),
    "wrong in its last digit": asked(flip(right, 50), budgets.within),
  },
  "keys over the budget": {
    unknown: asked(`ak_${hex("unknown")}`, budgets.spent),
    "wrong in its first digit": asked(flip(right, 3), budgets.spent),
    "wrong in its last digit": asked(flip(right, 50), budgets.spent),
  },
  tokens: {
    "of another master key": read(foreign),
    "wrong in the first of its MAC": read(flip(token, dot + 1)),
    "wrong in the last of its MAC": read(flip(token, token.length - 2)),
    "without the end of its MAC": read(token.slice(0, -5)),
  },
};

function shuffled(list) {
  for (let i = list.length - 1; i > 0; i -= 1) {
    const j = Math.floor(Math.random() * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
}

async function measure(classes) {
  const times = new Map(Object.keys(classes).map((name) => [name, []]));
  for (let n = -WARM_UP; n < samples; n += 1) {
    for (const [name, once] of shuffled(Object.entries(classes))) {
      const start = process.hrtime.bigint();
      await once();
      const took = Number(process.hrtime.bigint() - start);
      if (n >= 0) times.get(name).push(took);
    }
  }
  return times;
}

/** Without the slowest hundredth, which is the machine's. */
function summary(all) {
  const times = all.toSorted((one, other) => one - other).slice(0, Math.ceil(all.length * 0.99));
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (times.length - 1);
  return { median: times[times.length >> 1], mean, error: variance / times.length };
}

let worst = 0;
for (const [kind, classes] of Object.entries(CLASSES)) {
  const [first, ...others] = [...(await measure(classes))].map(([name, times]) => ({ name, ...summary(times) }));
  console.log(`${kind} (${samples} samples each)\n  ${first.name}: median ${(first.median / 1000).toFixed(2)} µs`);
  for (const { name, median, mean, error } of others) {
    const gap = median - first.median;
    worst = Math.max(worst, Math.abs(gap));
    const t = (mean - first.mean) / Math.sqrt(error + first.error);
    console.log(`  ${name}: median ${(median / 1000).toFixed(2)} µs, gap ${(gap / 1000).toFixed(2)} µs, t ${t.toFixed(1)}`);
  }
}
process.exit(worst > MAX_GAP_NS ? 1 : 0);
