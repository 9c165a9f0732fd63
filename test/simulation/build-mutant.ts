/** Bundles the simulator around an engine with one planted bug. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { build } from "esbuild";
import type { randomScenario } from "./random-scenario.ts";
import type { Mutation } from "./mutation.ts";
import type { simulate } from "./simulator.ts";

export type Mutant = { readonly simulate: typeof simulate; readonly randomScenario: typeof randomScenario };

const escaped = (word: string): string => word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
/** Two folders up, also for a bundle of this module (`scripts/load-ts.mjs`). */
const ROOT = resolve(import.meta.dirname, "../..");
const HERE = `${ROOT}/test/simulation/`;
const SHARED = `${ROOT}/shared/`;

/** The simulator around an engine with this bug. Throws if the place to change is not there exactly once. */
export async function buildMutant({ file, find, replace, bug }: Mutation): Promise<Mutant> {
  const text = await readFile(SHARED + file, "utf8");
  const place = new RegExp(find.trim().split(/\s+/).map(escaped).join("\\s+"), "g"); // however the formatter broke the lines
  if (text.match(place)?.length !== 1) throw new Error(`the place for the bug "${bug}" is not there once in shared/${file}`);
  const { outputFiles } = await build({
    stdin: { contents: 'export * from "./simulator.ts"; export * from "./random-scenario.ts";', resolveDir: HERE, loader: "ts" },
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    plugins: [
      {
        name: "plant",
        setup: (bundler) =>
          bundler.onLoad({ filter: /\.ts$/ }, ({ path }) =>
            path === SHARED + file ? { contents: text.replace(place, () => replace), loader: "ts" } : undefined,
          ),
      },
    ],
  });
  const url = `data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? []).toString("base64")}`;
  return (await import(/* @vite-ignore */ url)) as Mutant; // what the entry above exports
}
