/** `npm run docs`: writes `docs/parts/` from the manifests and cases of `parts/*`. A test compares. */
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildGenerated } from "./build.mjs";
import { loadTs, replaceFile } from "./load-ts.mjs";

const TARGET = fileURLToPath(new URL("../docs/parts", import.meta.url));

await buildGenerated({ quiet: true });
const { createBuiltInParts } = await loadTs("shared/part-catalogue.ts");
const { renderPartDocs, renderPartIndex } = await loadTs("shared/part-docs.ts");
const parts = await createBuiltInParts().list("");
const pages = new Map(parts.map(({ manifest, examples }) => [`${manifest.name}.md`, renderPartDocs(manifest, examples)]));
pages.set("README.md", renderPartIndex(parts.map(({ manifest }) => manifest)));
await mkdir(TARGET, { recursive: true });
for (const name of await readdir(TARGET)) if (!pages.has(name)) await rm(join(TARGET, name));
for (const [name, page] of pages) await replaceFile(join(TARGET, name), page);
console.log(`docs/parts: ${pages.size} pages`);
