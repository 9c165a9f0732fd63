/** A part as it comes over HTTP: a multipart body with its manifest and its module, checked and metered, or its JavaScript. */
import { JS_ENGINE_SHA256 } from "../../generated/part-manifests.ts";
import { decodeUtf8, mediaType, readBytes } from "../../shared/http/body.ts";
import { invalid } from "../../shared/http/problem.ts";
import { sha256Hex } from "../../shared/ids.ts";
import { admitModule } from "../../shared/metering/admit-module.ts";
import { METERING_VERSION } from "../../shared/metering/meter.ts";
import { ArcrunError, type Issue } from "../../shared/model/errors.ts";
import { canonicalJson } from "../../shared/model/json-document.ts";
import { KIB, MAX_PART_MANIFEST_BYTES, MAX_PART_MODULE_BYTES, MAX_PART_SOURCE_BYTES, MIB } from "../../shared/model/limits.ts";
import type { PartManifest } from "../../shared/part-manifest.ts";
import { parsePart } from "../../shared/parse-part.ts";
import type { StoredPart } from "../../shared/ports.ts";
import type { IngressDeps } from "./deps.ts";

const MAX_FORM_BYTES = 64 * KIB;
const PAGE_BYTES = 64 * KIB;

export type Upload = StoredPart & {
  /** What is stored: the metered module, or the source. */
  readonly bytes: Uint8Array;
};

/**
 * Throws what reading a body throws, and `multipart_invalid`, `validation_failed` (a field that is not there), `part_invalid` (the
 * manifest), `part_name_taken`, `wasm.*`.
 */
export async function readPart({ components }: Pick<IngressDeps, "components">, request: Request): Promise<Upload> {
  const form = await readForm(request);
  const manifestText = decodeUtf8(await bytesOf(form, "manifest", MAX_PART_MANIFEST_BYTES));
  const isSource = form.has("source");
  if (isSource && form.has("wasm")) throw invalid("/source", "a part is a module (wasm) or JavaScript (source), not both");
  const given = isSource ? await bytesOf(form, "source", MAX_PART_SOURCE_BYTES) : await bytesOf(form, "wasm", Infinity);
  const parsed = parsePart(manifestText);
  if (!parsed.ok) throw partInvalid(parsed.errors);
  const { manifest } = parsed;
  if (components.find(manifest.name) !== undefined)
    throw new ArcrunError("part_name_taken", `${manifest.name} is the name of a built-in component; give your part another`, {
      issues: [{ pointer: "/manifest/name", code: "manifest.name_taken", detail: "a built-in component has this name" }],
    });
  return isSource ? sourceUpload(given, manifest) : moduleUpload(given, manifest);
}

function moduleUpload(compiled: Uint8Array, manifest: PartManifest): Upload {
  if (compiled.byteLength > MAX_PART_MODULE_BYTES)
    throw new ArcrunError(
      "wasm.too_large",
      `an uploaded module may have ${MAX_PART_MODULE_BYTES} bytes, this one has ${compiled.byteLength}`,
    );
  const bytes = admitModule(compiled, { maxMemoryPages: (manifest.memoryMib * MIB) / PAGE_BYTES });
  const module = sha256Hex(bytes);
  const digest = sha256Hex(canonicalJson({ v: 1, metering: METERING_VERSION, module, manifest }));
  return { manifest: { ...manifest, digest }, module, bytes };
}

/** Its syntax is looked at when it runs: the engine that would know it is the runner's. */
function sourceUpload(bytes: Uint8Array, manifest: PartManifest): Upload {
  decodeUtf8(bytes);
  const [module, source] = [JS_ENGINE_SHA256, sha256Hex(bytes)];
  const digest = sha256Hex(canonicalJson({ v: 1, module, source, manifest }));
  return { manifest: { ...manifest, digest }, module, source, bytes };
}

async function readForm(request: Request): Promise<FormData> {
  if (mediaType(request) !== "multipart/form-data")
    throw new ArcrunError("unsupported_media_type", "send multipart/form-data with the fields manifest and wasm (or source)");
  const bytes = await readBytes(request, MAX_PART_MODULE_BYTES + MAX_PART_MANIFEST_BYTES + MAX_FORM_BYTES);
  try {
    return await new Response(bytes, { headers: { "content-type": request.headers.get("content-type") ?? "" } }).formData();
  } catch (cause) {
    throw new ArcrunError("multipart_invalid", "the body is not multipart/form-data as its Content-Type announces it", { cause });
  }
}

/** The one field of this name, as a file or as text. */
async function bytesOf(form: FormData, name: string, maxBytes: number): Promise<Uint8Array> {
  const values = form.getAll(name);
  const [value] = values;
  if (value === undefined || values.length > 1) throw invalid(`/${name}`, `expected one field ${name}, found ${values.length}`);
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : new Uint8Array(await value.arrayBuffer());
  if (bytes.byteLength === 0) throw invalid(`/${name}`, "it is empty");
  if (bytes.byteLength > maxBytes) throw invalid(`/${name}`, `it may have ${maxBytes} bytes, found ${bytes.byteLength}`);
  return bytes;
}

function partInvalid(errors: readonly Issue[]): ArcrunError {
  const issues = errors.map((issue) => ({ ...issue, pointer: `/manifest${issue.pointer}` }));
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  return new ArcrunError("part_invalid", `the manifest is not right: ${first?.pointer ?? ""} ${first?.detail ?? ""}${more}`, { issues });
}
