/** Bundles the three Workers with faults around them. Nothing of it is in the bundles of the product. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildGenerated } from "../../scripts/build.mjs";
import { buildWorkers } from "../../scripts/build-workers.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MAINS = Object.fromEntries(["ingress", "runner", "callback"].map((name) => [`arcrun-${name}`, `test/faults/workers/${name}.ts`]));

/** What is waited for is made a tenth and grows more slowly, so that a message that is lost again and again costs what a test can wait. */
const IMPATIENCE = {
  "workers/runner/open-run.ts": { "LOCAL_RESEND_MS = 3 * SECOND_MS": "LOCAL_RESEND_MS = 0.3 * SECOND_MS" },
  // Now and then a step goes on by itself; most are messages, for these are what is lost.
  "workers/runner/index.ts": { "GO_ON_MS = 200": "GO_ON_MS = 5" },
  "shared/ledger/sweep.ts": { "deps.resendMs * 2 ** (times - 1)": "deps.resendMs * times" },
  "shared/ledger/claim.ts": {
    "PURE_LEASE_MS = 30 * SECOND_MS": "PURE_LEASE_MS = 3 * SECOND_MS",
    "LEASE_GRACE_MS = 15 * SECOND_MS": "LEASE_GRACE_MS = 1.5 * SECOND_MS",
  },
};

/** Resolves to the Workers that `buildWorkers` gives, with the plan as a variable of each Worker. */
export async function buildFaultyWorkers(plan) {
  await buildGenerated({ quiet: true });
  const { workers } = await buildWorkers({ out: join(ROOT, "dist", "faulty"), mains: MAINS, plugins: [impatience, unsafeModule] });
  return workers.map((worker) => ({
    ...worker,
    options: {
      ...worker.options,
      compatibilityFlags: [...(worker.options.compatibilityFlags ?? []), "unsafe_module"],
      bindings: { ...worker.options.bindings, FAULTS: JSON.stringify({ ...plan, worker: worker.name }) },
    },
  }));
}

const impatience = {
  name: "impatience",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const changes = IMPATIENCE[path.slice(ROOT.length)];
      if (changes === undefined) return undefined;
      let contents = readFileSync(path, "utf8");
      for (const [find, replace] of Object.entries(changes)) {
        if (contents.split(find).length !== 2) throw new Error(`${path} does not hold "${find}" once`);
        contents = contents.replace(find, replace);
      }
      return { contents, loader: "ts" };
    });
  },
};

/** The runtime's own module, with which an object can be thrown out of memory. */
const unsafeModule = {
  name: "unsafe-module",
  setup: ({ onResolve }) => onResolve({ filter: /^workerd:unsafe$/ }, ({ path }) => ({ path, external: true })),
};
