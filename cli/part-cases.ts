/** Runs the `cases.yaml` of a part against the host that runs it in production. */
import { parse } from "yaml";
import { z } from "zod";
import { MAX_JSON_DEPTH, MAX_OUTPUT_BYTES } from "../shared/model/limits.ts";
import type { PartManifest } from "../shared/part-manifest.ts";
import { schemaProblems } from "../shared/schema-problems.ts";
import { parseAnswer } from "../workers/runner/part-answer.ts";
import type { PartOutcome, PartRun } from "../workers/runner/part-host.ts";
import { differences } from "./json-differences.ts";

const CaseYaml = z.strictObject({
  name: z.string(),
  given: z.unknown(),
  /** The host's answers to the calls of the part, in order. Without a request only the result matters. */
  exchanges: z.array(z.strictObject({ request: z.unknown().optional(), result: z.unknown() })).default([]),
  expect: z.record(z.string(), z.unknown()),
});
type PartCase = z.infer<typeof CaseYaml>;

/** `problems` is empty when the part did as the case says. */
export type CaseResult = { readonly name: string; readonly fuel: number; readonly problems: readonly string[] };
type Part = { readonly manifest: PartManifest; run(run: PartRun): PartOutcome };

const NOW_MS = Date.UTC(2026, 0, 1);
const SEED = new Uint8Array(32);
const encoder = new TextEncoder();

/** Throws an Error with a sentence for people when the file is none of cases. */
export function runCases(yaml: string, part: Part): readonly CaseResult[] {
  return readCases(yaml).map((one) => runCase(one, part));
}

function readCases(yaml: string): readonly PartCase[] {
  const parsed = z.array(CaseYaml).min(1).safeParse(parse(yaml));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`cases.yaml is not a list of cases: /${issue?.path.join("/") ?? ""}: ${issue?.message ?? ""}`);
}

function runCase({ name, given, exchanges, expect }: PartCase, part: Part): CaseResult {
  const { manifest } = part;
  const problems: string[] = [];
  let outcome = runOnce(part, given, []);
  let fuel = outcome.fuelUsed;
  for (const [i, { request }] of exchanges.entries()) {
    if (outcome.kind !== "called") problems.push(`call ${i + 1}: expected one, but the part made no more`);
    else problems.push(...callProblems(i, outcome.request, request, manifest));
    const results = exchanges.slice(0, i + 1).map(({ result }) => result);
    outcome = runOnce(part, given, results);
    fuel += outcome.fuelUsed;
  }
  const answer = answerOf(outcome, "success" in expect);
  if (typeof answer === "string") return { name, fuel, problems: [...problems, answer] };
  return { name, fuel, problems: [...problems, ...differences(expect, answer.json), ...outputProblems(answer.json, manifest)] };
}

function runOnce(part: Part, given: unknown, results: readonly unknown[]): PartOutcome {
  return part.run({
    stdin: encoder.encode(JSON.stringify(given)),
    exchanges: results.map((result) => ({ resultBytes: encoder.encode(JSON.stringify(result)) })),
    fuel: part.manifest.fuel,
    nowMs: NOW_MS,
    seed: SEED,
    maxStdoutBytes: MAX_OUTPUT_BYTES,
  });
}

function callProblems(index: number, bytes: Uint8Array, expected: unknown, { calls }: PartManifest): readonly string[] {
  const asked = readJson(bytes);
  const call: unknown = Object(asked)["call"];
  const denied =
    typeof call === "string" && calls.includes(call === "callback_url" ? "callback" : call)
      ? []
      : [`call ${index + 1}: the manifest does not grant ${JSON.stringify(call)}`];
  return [...denied, ...(expected === undefined ? [] : differences(expected, asked).map((text) => `call ${index + 1}: ${text}`))];
}

/** What the part wrote, or what is wrong. `isWhole`: a bare value is shown as the answer that the engine takes it for. */
function answerOf(outcome: PartOutcome, isWhole: boolean): { readonly json: unknown } | string {
  switch (outcome.kind) {
    case "called":
      return `it made a call that the case has no exchange for: ${new TextDecoder().decode(outcome.request).slice(0, 300)}`;
    case "failed":
      return { json: { success: false, error: outcome.error } };
    case "answered": {
      const json = readJson(outcome.stdout);
      if (json === undefined) return `it answered no JSON: ${new TextDecoder().decode(outcome.stdout).slice(0, 300)}`;
      const isBare = isWhole && !Object.hasOwn(Object(json), "success");
      return { json: isBare ? parseAnswer(outcome.stdout, MAX_JSON_DEPTH).output : json };
    }
  }
}

function outputProblems(answer: unknown, { output }: PartManifest): readonly string[] {
  const fields: unknown = Object(answer);
  if (typeof fields !== "object" || fields === null || !("success" in fields) || fields.success !== true || !("data" in fields)) return [];
  return schemaProblems(output, fields.data).map(({ pointer, detail }) => `data${pointer} does not fit the output of part.yaml: ${detail}`);
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
