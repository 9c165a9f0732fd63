/** Reads the manifest of a part that somebody brings: everything that is wrong with it is told at once, with its place. */
import { z } from "zod";
import type { Issue } from "./model/errors.ts";
import { at, createIssues, type Issues, meant } from "./model/definition/issues.ts";
import { checkJson } from "./model/json-document.ts";
import { MAX_PART_MANIFEST_BYTES, MAX_PART_NAME_CHARS } from "./model/limits.ts";
import { parseDocument } from "./model/definition/parse-document.ts";
import { checkInputSchema } from "./model/definition/parse-input-schema.ts";
import { GRANTS, HTTP_CALL, PAUSING_GRANTS } from "./part-info.ts";
import { type PartManifest, parsePartManifest } from "./part-manifest.ts";

/** `manifest.digest` is empty: the module decides it, too. */
export type ParsedPart = { readonly ok: true; readonly manifest: PartManifest } | { readonly ok: false; readonly errors: readonly Issue[] };

/** Words that mean something else as a component. */
const RESERVED = new Set(["cron", "constructor"]);

/** `text` is YAML, of which JSON is a part. Never throws for what it holds. */
export function parsePart(text: string): ParsedPart {
  if (text.length > MAX_PART_MANIFEST_BYTES) {
    const detail = `a manifest may have ${MAX_PART_MANIFEST_BYTES} bytes`;
    return { ok: false, errors: [{ pointer: "", code: "manifest.too_large", detail }] };
  }
  const document = parseDocument(text, "yaml");
  if (document.issues.length > 0) return { ok: false, errors: document.issues };
  const issues = createIssues((pointer) => document.lineOf(pointer));
  const manifest = checkJson(document.value, issues) ? readManifest(document.value, issues) : undefined;
  if (manifest !== undefined) checkManifest(manifest, issues);
  return manifest === undefined || issues.hasErrors() ? { ok: false, errors: issues.errors() } : { ok: true, manifest };
}

function readManifest(value: unknown, issues: Issues): PartManifest | undefined {
  try {
    return parsePartManifest(value, "");
  } catch (thrown) {
    if (!(thrown instanceof z.ZodError)) throw thrown;
    for (const issue of thrown.issues) {
      const extra = issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
      issues.error(at("", ...issue.path.map(String), ...extra), "manifest.invalid", issue.message);
    }
    return undefined;
  }
}

/** What is legal field by field and makes no sense together, or not for a part that is not built in. */
function checkManifest(manifest: PartManifest, issues: Issues): void {
  const { name, aliases, input, output } = manifest;
  if (name.length > MAX_PART_NAME_CHARS)
    issues.error("/name", "manifest.invalid", `a name may have ${MAX_PART_NAME_CHARS} characters, this one has ${name.length}`);
  if (RESERVED.has(name)) issues.error("/name", "manifest.name_reserved", `${name} means something else as a component; take another name`);
  if (aliases.length > 0) issues.error("/aliases", "manifest.invalid", "only built-in parts have other names");
  checkCalls(manifest, issues);
  checkInputSchema(input, "/input", issues);
  checkInputSchema(output, "/output", issues);
}

function checkCalls({ calls, mayPause, httpHosts, effects }: PartManifest, issues: Issues): void {
  for (const [i, call] of calls.entries()) {
    if (!GRANTS.includes(call))
      issues.error(at("/calls", i), "manifest.unknown_call", `expected one of ${GRANTS.join(", ")}.${meant(call, GRANTS)}`);
    if (PAUSING_GRANTS.includes(call) && !mayPause)
      issues.error(at("/calls", i), "manifest.cannot_pause", `${call} pauses the step; say may_pause: true`);
  }
  const callsOut = calls.includes(HTTP_CALL);
  if (callsOut && httpHosts.length === 0)
    issues.error("/http", "manifest.no_host", `calls grants ${HTTP_CALL}, so http: { hosts: [...] } must say where to`);
  if (!callsOut && httpHosts.length > 0)
    issues.error("/calls", "manifest.no_call", `http names hosts, but calls does not grant ${HTTP_CALL}, so none can be reached`);
  const isNoticed = callsOut || calls.includes("run");
  if (isNoticed && effects === "pure")
    issues.error(
      "/effects",
      "manifest.not_pure",
      "a part that calls out or starts runs is idempotent (the same key with each attempt) or once",
    );
}
