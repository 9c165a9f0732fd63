/** Bundles `workers/runner/part-isolate.ts` and `js-part-isolate.ts` as text, for the Worker Loader: `generated/part-isolate.ts`. */
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { replaceFile } from "./load-ts.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TARGET = join(ROOT, "generated", "part-isolate.ts");

export async function buildPartIsolate() {
  const content = `// Written by scripts/build-part-isolate.mjs from workers/runner/part-isolate.ts and js-part-isolate.ts: change those.
${await bundled("part-isolate", "PART_ISOLATE")}
${await bundled("js-part-isolate", "JS_PART_ISOLATE")}`;
  await mkdir(join(ROOT, "generated"), { recursive: true });
  const old = await readFile(TARGET, "utf8").catch(() => undefined);
  if (old !== content) await replaceFile(TARGET, content);
}

/** The text of the bundle, and a name that is another one for another text. */
async function bundled(file, constant) {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, `workers/runner/${file}.ts`)],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    minify: true,
    external: ["cloudflare:*", "*.wasm", "*.bin"], // the platform and the loader bring them
    logLevel: "error",
  });
  const code = outputFiles[0].text;
  const id = createHash("sha256").update(code).digest("hex").slice(0, 16);
  return `export const ${constant} = ${JSON.stringify(code)};
export const ${constant}_ID = "${id}";
`;
}
