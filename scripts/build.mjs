/** `npm run build`: parts, recipes, the local bundles of the Workers. Only what is stale is made again. */
import { pathToFileURL } from "node:url";
import { buildParts } from "./build-parts.mjs";
import { buildPartExamples } from "./build-part-examples.mjs";
import { buildPartIsolate } from "./build-part-isolate.mjs";
import { buildRecipes } from "./build-recipes.mjs";
import { lookAtSources, STAMP, writeStamp } from "./build-stamp.mjs";
import { buildWorkers } from "./build-workers.mjs";

/** Resolves to the Workers as `workerd-host.mjs` starts them. */
export async function buildAll({ quiet = false } = {}) {
  const sources = lookAtSources(STAMP.root);
  await buildGenerated({ quiet });
  const built = await step("workers", quiet, () => buildWorkers());
  writeStamp({ ...STAMP, sources, ...built });
  return built.workers;
}

/** What the sources import and git does not hold. */
export async function buildGenerated({ quiet = false } = {}) {
  const manifests = await step("parts", quiet, () => buildParts({ quiet }));
  await step("examples of parts", quiet, () => buildPartExamples(Object.keys(manifests)));
  await step("recipes", quiet, () => buildRecipes());
  await step("the isolate of loaded parts", quiet, () => buildPartIsolate());
}

async function step(name, quiet, build) {
  const startedAt = performance.now();
  const result = await build();
  if (!quiet) console.log(`built ${name} in ${Math.round(performance.now() - startedAt)} ms`);
  return result;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await buildAll();
