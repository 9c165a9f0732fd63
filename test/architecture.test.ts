/** The import table: folders are layers. What is not allowed here is not there in the code. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");

/** Who may import from where; the first row that fits a file counts. A folder always sees itself. */
const LAYERS: readonly (readonly [folder: string, mayImport: readonly string[]])[] = [
  ["shared/model", []],
  ["shared/metering", ["shared/model/errors.ts"]],
  ["shared", ["shared/model", "generated"]],
  ["workers/ingress", ["shared", "generated"]],
  ["workers/callback", ["shared", "generated"]],
  ["workers/runner", ["shared", "generated"]],
  // The host of parts is what `acr part test` tests against.
  ["cli", ["shared", "workers/runner/part-host.ts", "workers/runner/js-part-host.ts", "workers/runner/part-answer.ts"]],
  ["examples/other-worker", ["shared/codec.ts", "workers/ingress/entrypoint.ts", "workers/ingress/rpc.ts"]],
  ["examples", []],
  ["bench", ["shared", "scripts"]],
];

/** A package that only one file may import. */
const SINGLE_DOORS: Readonly<Record<string, string>> = {
  superjson: "shared/codec.ts",
  "@cfworker/json-schema": "shared/schema-problems.ts",
};

/** What is pure may use these and nothing else. */
const PURE_PACKAGES = ["yaml", "croner", "zod"];

const folders = ["shared", "workers", "cli", "examples", "bench"];
const files = folders.flatMap((folder) => sources(join(ROOT, folder))).map((file) => relative(ROOT, file));

function sources(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

const importsOf = (file: string): readonly string[] =>
  [...readFileSync(join(ROOT, file), "utf8").matchAll(/^(?:import|export)\s[^;]*?from\s+"([^"]+)"/gm)].map(([, from = ""]) => from);

const layerOf = (file: string) => LAYERS.find(([folder]) => file.startsWith(`${folder}/`));

it("has files to look at", () => {
  expect(files.length).toBeGreaterThan(80);
  expect(files.flatMap(importsOf).length).toBeGreaterThan(300);
});

it("imports along the layers only", () => {
  const wrong = files.flatMap((file) => {
    const layer = layerOf(file);
    const targets = importsOf(file).filter((from) => from.startsWith("."));
    return targets
      .map((from) => relative(ROOT, resolve(ROOT, dirname(file), from)))
      .flatMap((target) => {
        const allowed = layer === undefined ? [] : [layer[0], ...layer[1]];
        return allowed.some((place) => target === place || target.startsWith(`${place}/`)) ? [] : [`${file} → ${target}`];
      });
  });
  expect(wrong).toEqual([]);
});

it("imports some packages through one door only", () => {
  const wrong = files.flatMap((file) =>
    importsOf(file).flatMap((from) => ((SINGLE_DOORS[from] ?? file) === file ? [] : [`${file} → ${from}`])),
  );
  expect(wrong).toEqual([]);
});

it("keeps the model pure: no platform, no clock, no randomness", () => {
  const pure = files.filter((file) => file.startsWith("shared/model/"));
  const packages = pure.flatMap((file) =>
    importsOf(file)
      .filter((from) => !from.startsWith(".") && !PURE_PACKAGES.includes(from))
      .map((from) => `${file} → ${from}`),
  );
  const impure = pure.filter((file) =>
    /\bDate\.now\(|\bMath\.random\(|\bfetch\(|\bsetTimeout\(|\bcrypto\b/.test(
      readFileSync(join(ROOT, file), "utf8").replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, ""),
    ),
  );
  expect([...packages, ...impure]).toEqual([]);
});

it("calls out in one place only", () => {
  const callers = files.filter((file) => file.startsWith("workers/") && /(?<![.\w])fetch\(/.test(readFileSync(join(ROOT, file), "utf8")));
  expect(callers.filter((file) => !/\bfetch\(request|CALLBACK/.test(readFileSync(join(ROOT, file), "utf8")))).toEqual([
    "workers/runner/transport.ts",
  ]);
});
