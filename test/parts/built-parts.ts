import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { PartManifest } from "../../shared/part-manifest.ts";
import { parsePartManifest } from "../../shared/part-manifest.ts";
import { runJsPart } from "../../workers/runner/js-part-host.ts";
import type { PartOutcome, PartRun } from "../../workers/runner/part-host.ts";
import { runPart } from "../../workers/runner/part-host.ts";

const MAX_STDOUT_BYTES = 10 * 1024 * 1024 + 1024;
const NOW_MS = Date.UTC(2026, 0, 1);

const caseYaml = z.strictObject({
  name: z.string(),
  given: z.unknown(),
  /** Without a request only the result matters. */
  exchanges: z.array(z.strictObject({ request: z.unknown().optional(), result: z.unknown() })).default([]),
  expect: z.record(z.string(), z.unknown()),
});
export type PartCase = z.infer<typeof caseYaml>;

export type BuiltPart = {
  readonly manifest: PartManifest;
  readonly run: (run: PartRun) => PartOutcome;
  readonly cases: readonly PartCase[];
};

/** Builds what has changed, and gives every part. */
export function buildAndReadParts(): readonly BuiltPart[] {
  execFileSync(process.execPath, ["scripts/build-parts.mjs"], { timeout: 240_000 });
  const engine = readJsEngine();
  const names = readdirSync("parts").filter((name) => existsSync(join("parts", name, "part.yaml")));
  return names.map((name) => readBuiltPart(name, engine));
}

export const readJsEngine = (): WebAssembly.Module => compile(readFileSync("generated/parts/js-engine.wasm"));

/** One of them, for a test of this part alone. */
export function namedPart(name: string): BuiltPart {
  const part = buildAndReadParts().find(({ manifest }) => manifest.name === name);
  if (part === undefined) throw new Error(`there is no part ${name}`);
  return part;
}

function readBuiltPart(name: string, engine: WebAssembly.Module): BuiltPart {
  const built = z.object({ digest: z.string() }).parse(JSON.parse(readFileSync(`generated/parts/${name}.json`, "utf8")));
  const yaml: unknown = parse(readFileSync(`parts/${name}/part.yaml`, "utf8"));
  const cases: unknown = parse(readFileSync(`parts/${name}/cases.yaml`, "utf8"));
  const manifest = parsePartManifest(yaml, built.digest);
  return { manifest, run: runnerOf(name, manifest, engine), cases: z.array(caseYaml).min(1).parse(cases) };
}

function runnerOf(name: string, { memoryMib }: PartManifest, engine: WebAssembly.Module): BuiltPart["run"] {
  if (existsSync(`parts/${name}/main.ts`)) {
    const image = readFileSync(`generated/parts/${name}.bin`);
    return (run) => runJsPart(engine, { image, memoryMib }, run);
  }
  const module = compile(readFileSync(`generated/parts/${name}.wasm`));
  return (run) => runPart(module, run);
}

/** The types are those of workerd, where a module cannot be made of bytes; in Node it can. */
function compile(wasm: Uint8Array): WebAssembly.Module {
  // as: what Node has and the types deny
  const Module = WebAssembly.Module as unknown as new (bytes: Uint8Array) => WebAssembly.Module;
  return new Module(wasm);
}

/** Runs a part on a document, as text or as a value, with the answers of the host to its first calls. */
export function runOn(part: BuiltPart, given: unknown, results: readonly unknown[] = [], seed = 0): PartOutcome {
  const encode = (value: unknown): Uint8Array => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
  return part.run({
    stdin: encode(given),
    exchanges: results.map((result) => ({ resultBytes: encode(result) })),
    fuel: part.manifest.fuel,
    nowMs: NOW_MS,
    seed: new Uint8Array(32).fill(seed),
    maxStdoutBytes: MAX_STDOUT_BYTES,
  });
}

/** The JSON that the part answered, or how it ended instead. */
export function answerOf(outcome: PartOutcome): unknown {
  if (outcome.kind !== "answered") return outcome;
  return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(outcome.stdout));
}

export function requestOf(outcome: PartOutcome): unknown {
  if (outcome.kind !== "called") return outcome;
  return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(outcome.request));
}
