/** Parts as somebody uploads them. */
import { compileWat } from "../wasm/compile-wat.ts";
import { answeringWat } from "../wasm/small-parts.ts";

export const manifestFields = (more: Readonly<Record<string, unknown>> = {}) => ({
  name: "greeter",
  summary: "Says a word",
  category: "Text",
  version: "1.0.0",
  effects: "pure",
  input: {},
  output: {},
  ...more,
});

export const answering = (data: unknown): Uint8Array => compileWat(answeringWat({ success: true, data }));
export const fileOf = (bytes: Uint8Array): Blob => new Blob([bytes.slice()], { type: "application/wasm" });

/** A part in JavaScript, as its source. */
export function uploadSource(fields: Readonly<Record<string, unknown>>, source: string | Uint8Array): FormData {
  const form = new FormData();
  form.set("manifest", JSON.stringify(manifestFields(fields)));
  form.set("source", fileOf(typeof source === "string" ? new TextEncoder().encode(source) : source), "part.js");
  return form;
}

export function upload(fields: Readonly<Record<string, unknown>> = {}, wasm: Uint8Array = answering("hello")): FormData {
  const form = new FormData();
  form.set("manifest", JSON.stringify(manifestFields(fields)));
  form.set("wasm", fileOf(wasm), "part.wasm");
  return form;
}
