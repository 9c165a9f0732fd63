/**
 * The engine as `npm start` runs it, of the version of today plus `NEWER_BY`. One that was rolled back looks every second whether the newer one
 * is back, which a test can wait for. `npm start` in this folder starts it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildGenerated } from "../../scripts/build.mjs";
import { buildWorkers } from "../../scripts/build-workers.mjs";
import { startEngine } from "../../scripts/start.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NEWER_BY = Number(process.env.NEWER_BY ?? 0);

const CHANGES = {
  "shared/model/log.ts": [/(ENGINE_VERSION = \d+);/, `$1 + ${NEWER_BY};`],
  "workers/runner/run-object.ts": [/LOOK_FOR_ENGINE_MS = .*;/, "LOOK_FOR_ENGINE_MS = 1000;"],
};

const changed = {
  name: "another-version",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const change = CHANGES[path.slice(ROOT.length)];
      if (change === undefined) return undefined;
      const before = readFileSync(path, "utf8");
      if (!change[0].test(before)) throw new Error(`${path} does not hold ${change[0]}`);
      return { contents: before.replace(...change), loader: "ts" };
    });
  },
};

startEngine({
  async build() {
    await buildGenerated({ quiet: true });
    const { workers } = await buildWorkers({ out: join(ROOT, "dist", "upgrade"), plugins: [changed] });
    return workers;
  },
});
