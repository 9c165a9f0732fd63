/** Checks a part in JavaScript before it is uploaded: loads it as every run will, on the engine that will run it. */
import type { ErrorInfo } from "../shared/model/errors.ts";
import { MAX_PART_SOURCE_BYTES } from "../shared/model/limits.ts";
import type { PartManifest } from "../shared/part-manifest.ts";
import { runJsPart } from "../workers/runner/js-part-host.ts";
import type { PartOutcome, PartRun } from "../workers/runner/part-host.ts";

export type CheckedProgram =
  | { readonly ok: true; readonly loadFuel: number; readonly run: (run: PartRun) => PartOutcome }
  | { readonly ok: false; readonly error: ErrorInfo };

/**
 * No JSON: a program is loaded and found to be a function before this ends the run with an error, and is never called. The error names
 * this word, so that it is not taken for one that the program itself raised when it parsed something.
 */
const NO_JSON = new TextEncoder().encode("arcrun_load_check");
const MAX_STDOUT_BYTES = 64 * 1024;
const LOADS = "export default () => 1;";

export function checkProgram(engine: WebAssembly.Module, bytes: Uint8Array, { fuel, memoryMib }: PartManifest): CheckedProgram {
  if (bytes.byteLength > MAX_PART_SOURCE_BYTES)
    return refused(
      "validation_failed",
      `the program may have ${MAX_PART_SOURCE_BYTES} bytes with all that it imports, this one has ${bytes.byteLength}`,
    );
  const runSource = (source: string, run: PartRun): PartOutcome => runJsPart(engine, { source, memoryMib }, run);
  const loading = { stdin: NO_JSON, exchanges: [], fuel, nowMs: 0, seed: new Uint8Array(32), maxStdoutBytes: MAX_STDOUT_BYTES };
  const source = new TextDecoder().decode(bytes);
  const [outcome, expected] = [source, LOADS].map((text) => runSource(text, loading)).map(messageOf);
  if (outcome?.message !== expected?.message) return refused("program.not_loaded", `the part does not load: ${outcome?.message ?? ""}`);
  return { ok: true, loadFuel: outcome?.fuelUsed ?? 0, run: (run) => runSource(source, run) };
}

function messageOf(outcome: PartOutcome): { readonly message: string; readonly fuelUsed: number } {
  const { kind, fuelUsed } = outcome;
  if (kind === "failed") return { message: outcome.error.message, fuelUsed };
  if (kind === "called") return { message: "it calls the host while it is loaded; it may do so when it runs", fuelUsed };
  const answer: unknown = JSON.parse(new TextDecoder().decode(outcome.stdout));
  return { message: String(Object(Object(answer).error).message), fuelUsed };
}

const refused = (code: ErrorInfo["code"], message: string): CheckedProgram => ({ ok: false, error: { code, message, retryable: false } });
