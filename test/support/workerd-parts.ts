/** Parts that lie in the store and not in the bundle. */
import { inject } from "vitest";
import { PART_MANIFESTS } from "../../generated/part-manifests.ts";
import { createPartStore } from "../../shared/adapters/r2-parts.ts";
import { sha256Hex } from "../../shared/ids.ts";
import type { PartManifest } from "../../shared/part-manifest.ts";
import { testEnv } from "./workerd-env.ts";

export const store = createPartStore(testEnv.PAYLOADS);

export function moduleBytes(name: string): Uint8Array<ArrayBuffer> {
  const text = inject("modules")[name];
  if (text === undefined) throw new Error(`the set-up makes no module ${name}`);
  return new Uint8Array(Buffer.from(text, "base64"));
}

/** The manifest of a part that asks for nothing. */
export function manifestOf(name: string, more: Partial<PartManifest> = {}): PartManifest {
  const { set } = PART_MANIFESTS;
  if (set === undefined) throw new Error("there is no part set");
  return { ...set, name, aliases: [], input: {}, output: {}, digest: "", ...more };
}

/** Lays a part into the store as an upload does; gives its digest. */
export async function stored(module: string, manifest: PartManifest): Promise<string> {
  const wasm = moduleBytes(module);
  const digest = sha256Hex(JSON.stringify([module, manifest.name]));
  await store.put(digest, { manifest: { ...manifest, digest }, module: sha256Hex(wasm) }, wasm);
  return digest;
}
