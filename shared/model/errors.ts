/**
 * The one table of errors. A code decides the HTTP status and whether trying again can help; nothing else does.
 * HTTP codes are snake_case, codes of nodes and runs are `noun.problem`. Each code has a page in `docs/errors/`.
 */

type Rule = { readonly status: number; readonly retryable: boolean };
const no = (status: number): Rule => ({ status, retryable: false });
const again = (status: number): Rule => ({ status, retryable: true });

export const ERROR_CODES = {
  // HTTP
  api_key_missing: no(401),
  api_key_invalid: no(401),
  api_key_ambiguous: no(400),
  body_empty: no(400),
  callback_conflict: no(409),
  callback_expired: no(410),
  confirm_required: no(409),
  engine_unavailable: again(503),
  forbidden: no(403),
  idempotency_key_invalid: no(400),
  idempotency_mismatch: no(422),
  internal_error: again(500),
  json_invalid: no(400),
  json_too_deep: no(400),
  method_not_allowed: no(405),
  multipart_invalid: no(400),
  not_found: no(404),
  part_invalid: no(422),
  part_name_taken: no(409),
  payload_too_large: no(413),
  rate_limited: again(429),
  request_malformed: no(400),
  run_going: no(409),
  run_not_redrivable: no(409),
  run_terminal: no(409),
  signature_invalid: no(401),
  storage_unavailable: again(503),
  unsupported_encoding: no(415),
  unsupported_media_type: no(415),
  utf8_invalid: no(400),
  validation_failed: no(422),
  workflow_invalid: no(422),
  // nodes
  "approval.invalid_answer": no(422),
  "code.not_json": no(422),
  "code.syntax": no(422),
  "code.threw": no(500),
  "credential.missing": no(422),
  "egress.denied": no(403),
  "egress.failed": again(502),
  "egress.response_too_large": no(502),
  "egress.too_many_redirects": no(502),
  "foreach.not_a_list": no(422),
  "foreach.results_too_large": no(500),
  "foreach.too_many_items": no(422),
  "http.invalid_request": no(422),
  "http.not_json": no(502),
  "http.status": no(502),
  "http.status_retryable": again(502),
  "json.too_deep": no(422),
  "part.bad_output": no(500),
  "part.call_denied": no(500),
  "part.exited": no(500),
  "part.failed": no(500),
  "part.input_too_large": no(500),
  "part.invalid_input": no(422),
  "part.isolate_failed": again(503),
  "part.no_loader": no(501),
  "part.not_found": no(500),
  "part.out_of_fuel": no(500),
  "part.out_of_memory": no(500),
  "part.output_too_large": no(500),
  "part.timed_out": again(504),
  "part.too_many_calls": no(500),
  "part.trapped": no(500),
  "part.unknown_op": no(422),
  "poll.failed": no(500),
  "recipe.invalid_params": no(422),
  "value.missing": again(500),
  "wait.expired": no(504),
  "wait.invalid": no(422),
  // expressions
  "expression.invalid": no(422),
  "expression.failed": no(422),
  "expression.too_complex": no(422),
  "template.invalid": no(422),
  "template.too_large": no(422),
  "template.unresolved": no(422),
  // children
  "child.failed": no(500),
  "child.not_found": no(404),
  "child.too_deep": no(422),
  // runs
  "run.cancelled": no(409),
  "run.newer_engine": again(503),
  "run.timed_out": no(504),
  "run.too_many_steps": no(500),
  "step.unknown_outcome": no(500),
  // modules of parts
  "wasm.feature_denied": no(422),
  "wasm.import_denied": no(422),
  "wasm.invalid": no(422),
  "wasm.memory": no(422),
  "wasm.too_large": no(422),
  // messages
  "message.unreadable": no(422),
} as const satisfies Record<string, Rule>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** An error as data, the only form in which one crosses a boundary. `code` may be a part's own (`paper.jam`). */
export type ErrorInfo = {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly details?: unknown;
  /** The node that failed; set in the error of a run. */
  readonly node?: string;
  /** Not before so many milliseconds should it be tried again (from `Retry-After`). */
  readonly retryAfterMs?: number;
};

/** A problem at a place of a document: `pointer` is a JSON pointer, `line` counts from 1. */
export type Issue = { readonly pointer: string; readonly code: string; readonly detail: string; readonly line?: number };

export class ArcrunError extends Error {
  override readonly name = "ArcrunError";
  readonly code: ErrorCode;
  readonly details: unknown;
  readonly issues: readonly Issue[];

  constructor(code: ErrorCode, message: string, more: { cause?: unknown; details?: unknown; issues?: readonly Issue[] } = {}) {
    super(message, { cause: more.cause });
    this.code = code;
    this.details = more.details;
    this.issues = more.issues ?? [];
  }
}

/**
 * What an object throws reaches its caller without its class, whose fields are all that is left. Anything else stays what it is.
 * Take it wherever an error may have come from an object.
 */
export function revived(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof ArcrunError || !("code" in thrown) || thrown.name !== "ArcrunError") return thrown;
  return isErrorCode(thrown.code) ? new ArcrunError(thrown.code, thrown.message, { cause: thrown }) : thrown;
}

const isErrorCode = (code: unknown): code is ErrorCode => typeof code === "string" && Object.hasOwn(ERROR_CODES, code);

export const isRetryable = (code: string): boolean => (code in ERROR_CODES ? ERROR_CODES[code as ErrorCode].retryable : false);

/** Turns whatever was thrown into data. What we did not throw ourselves is `internal_error` and says nothing of its inside. */
export function toErrorInfo(thrown: unknown): ErrorInfo {
  if (thrown instanceof ArcrunError) {
    const { code, message, details } = thrown;
    return { code, message, retryable: isRetryable(code), ...(details === undefined ? {} : { details }) };
  }
  return { code: "internal_error", message: "an unexpected error; the log has it under the id of the request", retryable: true };
}
