/** What becomes of a module that somebody brings: it is refused, or it runs to an end. In words of the documented codes. */
import { admitModule } from "../../shared/metering/admit-module.ts";
import { ArcrunError } from "../../shared/model/errors.ts";
import { MAX_JSON_DEPTH, MAX_OUTPUT_BYTES } from "../../shared/model/limits.ts";
import { parseAnswer } from "../../workers/runner/part-answer.ts";
import type { PartRun } from "../../workers/runner/part-host.ts";
import { runPart } from "../../workers/runner/part-host.ts";
import { compileWasm } from "../wasm/compile-wat.ts";

/** `expected` is how it ends: a code, and then words of the message. */
export type HostileModule = { readonly title: string; readonly make: () => Uint8Array; readonly expected: string };

/** `code` is that of an error, or what a good part does: `success`, `pending`, `called`. */
export type Verdict = { readonly code: string; readonly message: string; readonly fuelUsed: number };

export const LIMITS = { maxMemoryPages: 16 };
export const RUN: PartRun = {
  stdin: new TextEncoder().encode("{}"),
  exchanges: [{ resultBytes: new TextEncoder().encode('{"value":1}') }],
  fuel: 50_000_000,
  nowMs: 1_700_000_000_000,
  seed: Uint8Array.from([1, 2, 3]),
  maxStdoutBytes: MAX_OUTPUT_BYTES,
};

/** @throws whatever is not a refusal with a code: a defect of ours */
export function judge(wasm: Uint8Array, run: Partial<PartRun> = {}): Verdict {
  let admitted: Uint8Array;
  try {
    admitted = admitModule(wasm, LIMITS);
  } catch (error) {
    if (!(error instanceof ArcrunError)) throw error;
    return { code: error.code, message: error.message, fuelUsed: 0 };
  }
  const outcome = runPart(compileWasm(admitted), { ...RUN, ...run });
  const { fuelUsed } = outcome;
  switch (outcome.kind) {
    case "failed":
      return { code: outcome.error.code, message: outcome.error.message, fuelUsed };
    case "called":
      return { code: "called", message: "", fuelUsed };
    case "answered": {
      const answer = parseAnswer(outcome.stdout, MAX_JSON_DEPTH);
      if (answer.kind !== "failure") return { code: answer.kind, message: JSON.stringify(answer.output), fuelUsed };
      return { code: answer.error.code, message: answer.error.message, fuelUsed };
    }
  }
}
