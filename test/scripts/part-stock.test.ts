import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stockParts } from "../../scripts/supervisor/part-stock.mjs";
import { createPartStore } from "../../shared/adapters/r2-parts.ts";
import { sha256Hex } from "../../shared/ids.ts";
import { buildAndReadParts } from "../parts/built-parts.ts";
import { startPlatform } from "../shared/adapters/platform.ts";

const parts = buildAndReadParts();
const isJavaScript = (name: string): boolean => existsSync(`parts/${name}/main.ts`);
const folder = mkdtempSync(join(tmpdir(), "arcrun-stock-"));
let platform: Awaited<ReturnType<typeof startPlatform>>;
beforeAll(async () => {
  const bytes = parts.map(({ manifest: { name } }) => `parts/${name}.${isJavaScript(name) ? "bin" : "wasm"}`);
  const files = ["part-manifests.json", "parts/js-engine.wasm", ...bytes];
  for (const file of files) cpSync(join("generated", file), join(folder, file));
  platform = await startPlatform();
}, 60_000);
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await platform.close();
});

describe("the stock of built-in parts", () => {
  it("lies in the bucket by digest, manifest and bytes, as the Workers read it", async () => {
    expect(await stockParts(platform.bucket, folder)).toBe(parts.length);
    const store = createPartStore(platform.bucket);
    for (const { manifest } of parts.filter(({ manifest: { name } }) => !isJavaScript(name))) {
      expect(await store.find(manifest.digest)).toEqual({ manifest, module: manifest.digest });
      expect(sha256Hex(new Uint8Array(await store.module(manifest.digest)))).toBe(manifest.digest);
    }
  });

  it("holds the engine and an image for each part in JavaScript", async () => {
    const store = createPartStore(platform.bucket);
    const engine = sha256Hex(readFileSync("generated/parts/js-engine.wasm"));
    const inJavaScript = parts.filter(({ manifest: { name } }) => isJavaScript(name));
    expect(inJavaScript.length).toBeGreaterThan(5);
    for (const { manifest } of inJavaScript) {
      const image = sha256Hex(readFileSync(`generated/parts/${manifest.name}.bin`));
      expect(await store.find(manifest.digest)).toEqual({ manifest, module: engine, image });
      expect([await store.module(engine), await store.image(image)].map((bytes) => sha256Hex(new Uint8Array(bytes)))).toEqual([
        engine,
        image,
      ]);
    }
  });

  it("is not laid in twice, and is when the build is another", async () => {
    expect(await stockParts(platform.bucket, folder)).toBe(0);
    const [first] = parts;
    const name = first?.manifest.name ?? "";
    writeFileSync(join(folder, "part-manifests.json"), JSON.stringify({ [name]: first?.manifest }));
    expect([await stockParts(platform.bucket, folder), await stockParts(platform.bucket, folder)]).toEqual([1, 0]);
  });

  it("refuses bytes that are not those of the manifest, and leaves no mark", async () => {
    const [, second] = parts;
    const name = second?.manifest.name ?? "";
    writeFileSync(join(folder, "part-manifests.json"), JSON.stringify({ [name]: second?.manifest }));
    writeFileSync(join(folder, "parts", `${name}.wasm`), "half of it");
    for (const _ of [1, 2]) await expect(stockParts(platform.bucket, folder)).rejects.toThrow(`${name}.wasm is not the module`);
  });
});

describe("the store of parts", () => {
  it("tells what is gone or damaged from what is there", async () => {
    const store = createPartStore(platform.bucket);
    const [digest, module] = ["d".repeat(64), "e".repeat(64)];
    expect(await store.find(digest)).toBeUndefined();
    await expect(store.module(module)).rejects.toMatchObject({ code: "part.not_found" });
    await platform.bucket.put(`parts/${module}.wasm`, "other bytes");
    await expect(store.module(module)).rejects.toMatchObject({ code: "part.not_found" });
  });
});
