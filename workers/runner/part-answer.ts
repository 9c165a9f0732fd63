import type { ErrorInfo } from "../../shared/model/errors.ts";

/** `output` is the whole answer in its normal form: what the node's entry in a scope is. */
export type PartAnswer =
  | { readonly kind: "success"; readonly output: unknown; readonly branch?: string }
  | { readonly kind: "failure"; readonly output: unknown; readonly error: ErrorInfo }
  | { readonly kind: "pending"; readonly taskId?: string; readonly output: unknown };

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads what a part wrote on stdout. JSON that has none of the shapes of an answer is the `data` of a success. An `error` that is
 * not null means a failure whatever `success` says, so that none is taken for a success. Other top-level fields are kept.
 *
 * Never throws: what is not UTF-8, not JSON or nested deeper than `maxDepth` lists and objects is the failure `part.bad_output`.
 */
export function parseAnswer(stdout: Uint8Array, maxDepth: number): PartAnswer {
  const read = readJson(stdout, maxDepth);
  if ("problem" in read) return failure({ code: "part.bad_output", message: `the part's answer ${read.problem}`, retryable: false }, {});
  const { value } = read;
  if (!isFields(value)) return success({ data: value });
  if (value["success"] === false || (value["error"] ?? null) !== null) return failure(readError(value["error"] ?? null), value);
  if (value["pending"] === true) return pending(value);
  return success(value["success"] === true ? value : { data: value });
}

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

function readJson(stdout: Uint8Array, maxDepth: number): { readonly value: unknown } | { readonly problem: string } {
  if (stdout.length === 0) return { problem: "is empty: it wrote nothing on stdout" };
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(stdout);
  } catch {
    return { problem: "is not valid UTF-8" };
  }
  if (nestsDeeper(stdout, maxDepth)) return { problem: `is nested deeper than ${maxDepth} levels` };
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { problem: `is not valid JSON: ${error instanceof Error ? error.message : ""}` };
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Looks at the bytes, so that nothing deep is ever built. Correct for all valid JSON, and harmless for the rest. */
function nestsDeeper(bytes: Uint8Array, maxDepth: number): boolean {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) inText = !inText;
    else if (inText && byte === BACKSLASH) at += 1;
    else if (!inText && (byte === 0x5b || byte === 0x7b)) depth += 1;
    else if (!inText && (byte === 0x5d || byte === 0x7d)) depth -= 1;
    if (depth > maxDepth) return true;
  }
  return false;
}

function readError(error: unknown): ErrorInfo {
  if (typeof error === "string") return { code: "part.failed", message: error, retryable: false };
  if (!isFields(error))
    return {
      code: "part.failed",
      message: error === null ? "the part failed and did not say why" : JSON.stringify(error),
      retryable: false,
    };
  const { code, message, retryable, details, retry_after_ms: retryAfterMs } = error;
  return {
    code: typeof code === "string" && code !== "" ? code : "part.failed",
    message: typeof message === "string" ? message : "the part failed and did not say why",
    retryable: retryable === true,
    ...(details === undefined ? {} : { details }),
    ...(typeof retryAfterMs === "number" && retryAfterMs >= 0 ? { retryAfterMs } : {}),
  };
}

/** Without the fields that the normal form sets itself. */
function others(answer: Fields): Fields {
  const { success: _success, error: _error, pending: _pending, data: _data, ...rest } = answer;
  return rest;
}

function success(answer: Fields): PartAnswer {
  const { data = null, branch } = answer;
  const output = { success: true, data, ...others(answer) };
  const hasBranch = typeof branch === "string" || typeof branch === "boolean";
  return hasBranch ? { kind: "success", output, branch: String(branch) } : { kind: "success", output };
}

function failure(error: ErrorInfo, answer: Fields): PartAnswer {
  const { code, message, retryable, details } = error;
  const shown = { code, message, retryable, ...(details === undefined ? {} : { details }) };
  const data = answer["data"] === undefined ? {} : { data: answer["data"] };
  return {
    kind: "failure",
    output: { success: false, error: shown, ...data, ...others(answer) },
    error,
  };
}

function pending(answer: Fields): PartAnswer {
  const data = answer["data"] === undefined ? {} : { data: answer["data"] };
  const output = { pending: true, ...data, ...others(answer) };
  const taskId = answer["task_id"];
  return typeof taskId === "string" ? { kind: "pending", taskId, output } : { kind: "pending", output };
}
