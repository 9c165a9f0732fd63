/** `npm run docs`: writes `docs/workflow-language.md` from the tables of the parser. A test compares. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildGenerated } from "./build.mjs";
import { loadTs, replaceFile } from "./load-ts.mjs";

const pathOf = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url));

await buildGenerated({ quiet: true });
const { renderLanguageDocs } = await loadTs("shared/language-docs.ts");
const { createComponents } = await loadTs("shared/components.ts");
const example = (name) => readFileSync(pathOf(`examples/workflows/${name}.yaml`), "utf8");
await replaceFile(pathOf("docs/workflow-language.md"), renderLanguageDocs({ components: createComponents(), example }));
console.log("docs/workflow-language.md");
