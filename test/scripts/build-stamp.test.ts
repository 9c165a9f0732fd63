import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lookAtSources, readFresh, STAMP, writeStamp } from "../../scripts/build-stamp.mjs";

const SOURCES = [
  "parts/upper/part.yaml",
  "parts/upper/index.ts",
  "parts/upper/cases.yaml",
  "recipes/mail/send.yaml",
  "scripts/build.mjs",
  "shared/model/run.ts",
  "workers/runner/index.ts",
  "workers/runner/wrangler.toml",
  "wrangler.toml",
  "package-lock.json",
];
const PACKAGE = "node_modules/hono/index.js";
const RESULTS = ["generated/recipes.ts", "generated/parts/upper.wasm", "dist/local/arcrun-runner/0123/index.js"];

let root: string;
let file: string;
const path = (name: string) => join(root, name);
const workers = () => [
  {
    name: "arcrun-runner",
    modulesRoot: path("dist/local/arcrun-runner/0123"),
    modules: [{ type: "ESModule", path: path("dist/local/arcrun-runner/0123/index.js") }],
  },
];

function write(name: string, text: string): void {
  mkdirSync(dirname(path(name)), { recursive: true });
  writeFileSync(path(name), text);
}

function stamp(sources = lookAtSources(root)): void {
  writeStamp({ root, file, sources, workers: workers(), inputs: ["workers/runner/index.ts", "generated/recipes.ts", PACKAGE] });
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "arcrun-stamp-"));
  file = path("dist/local/stamp.json");
  for (const name of [...SOURCES, PACKAGE, ...RESULTS]) write(name, `this is ${name}`);
  stamp();
});
afterEach(() => rmSync(root, { recursive: true }));

describe("the stamp of a build", () => {
  it("gives the Workers that were built, as long as nothing has changed", () => {
    expect(readFresh({ root, file })).toEqual(workers());
    expect(readFresh({ root, file })).toEqual(workers());
  });

  it.each([...SOURCES, PACKAGE, ...RESULTS])("is stale when %s has changed", (name) => {
    write(name, `that was ${name}`);
    expect(readFresh({ root, file })).toBeUndefined();
  });

  it.each([...SOURCES, PACKAGE, ...RESULTS])("is stale when %s is gone", (name) => {
    rmSync(path(name));
    expect(readFresh({ root, file })).toBeUndefined();
  });

  it.each([
    "parts/lower/part.yaml",
    "parts/upper/more.ts",
    "recipes/mail/list.yaml",
    "recipes/auth/mail.yaml",
    "shared/new.ts",
    "tsconfig.json",
  ])("is stale when %s was added", (name) => {
    write(name, "new");
    expect(readFresh({ root, file })).toBeUndefined();
  });

  it("is stale when a part was taken away, and fresh again when it was built without it", () => {
    rmSync(path("parts/upper"), { recursive: true });
    expect(readFresh({ root, file })).toBeUndefined();
    stamp();
    expect(readFresh({ root, file })).toEqual(workers());
  });

  it("sees a change of content that keeps size and time", () => {
    const time = new Date(2026, 0, 1);
    utimesSync(path("wrangler.toml"), time, time);
    stamp();
    writeFileSync(path("wrangler.toml"), "THIS IS wrangler.toml");
    utimesSync(path("wrangler.toml"), time, time);
    expect(readFresh({ root, file })).toBeUndefined();
  });

  it("is stale when a source changed while it was built", () => {
    const sources = lookAtSources(root);
    write("shared/model/run.ts", "half of the build saw this");
    stamp(sources);
    expect(readFresh({ root, file })).toBeUndefined();
  });

  it("is stale when it is missing, half written or something else", () => {
    truncateSync(file, 100);
    expect(readFresh({ root, file })).toBeUndefined();
    for (const text of ["", "null", "{}", "[]"]) {
      writeFileSync(file, text);
      expect(readFresh({ root, file })).toBeUndefined();
    }
    rmSync(file);
    expect(readFresh({ root, file })).toBeUndefined();
  });

  it("does not mind what tests and builds write for themselves", () => {
    write("generated/.load/0123.mjs", "a bundle");
    write("generated/test/reactor.wasm", "a module");
    expect(readFresh({ root, file })).toEqual(workers());
  });

  it("says that the bundles are in use, so that no build forgets them", () => {
    const old = new Date(2020, 0, 1);
    utimesSync(path("dist/local/arcrun-runner/0123"), old, old);
    expect(readFresh({ root, file })).toEqual(workers());
    expect(Date.now() - statSync(path("dist/local/arcrun-runner/0123")).mtimeMs).toBeLessThan(60_000);
  });
});

describe("npm start", () => {
  it("loads no package of ours before it has looked at the stamp", () => {
    const packages = new Set([...importsOf(join(STAMP.root, "scripts/start.mjs"))].filter((name) => !name.startsWith("node:")));
    expect([...packages].toSorted()).toEqual([]);
  });
});

/** What a module and those that it imports, at once and not later, want from outside. */
function importsOf(module: string, seen = new Set<string>()): Set<string> {
  const outside = new Set<string>();
  seen.add(module);
  for (const [, name = ""] of readFileSync(module, "utf8").matchAll(/^import [^;]*?"([^"]+)";$/gm)) {
    if (!name.startsWith(".")) outside.add(name);
    else if (!seen.has(join(dirname(module), name))) for (const found of importsOf(join(dirname(module), name), seen)) outside.add(found);
  }
  return outside;
}
