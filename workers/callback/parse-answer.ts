/** The answer of a daemon or person, as it comes over HTTP. */
import { z } from "zod";
import { parseFields } from "../../shared/http/parse-request.ts";
import { invalid } from "../../shared/http/problem.ts";
import type { ErrorInfo } from "../../shared/model/errors.ts";
import { MAX_INLINE_BYTES } from "../../shared/model/limits.ts";

const MAX_CODE_CHARS = 128;
const MAX_MESSAGE_CHARS = 4096;
/** Of a failure that says nothing of its kind. */
const DEFAULT_CODE = "callback.failed";

const ErrorField = z.union(
  [
    z.string(),
    z.object({
      code: z.string().max(MAX_CODE_CHARS).optional(),
      message: z.string().optional(),
      retryable: z.boolean().optional(),
      details: z.unknown().optional(),
    }),
  ],
  "expected text or {code, message}",
);
const Body = z.object({
  run_id: z.string().max(128).optional(),
  task_id: z.string().min(1).max(512).optional(),
  success: z.boolean().optional(),
  error: ErrorField.nullish(),
});

export type ParsedAnswer = {
  readonly runId: string | undefined;
  readonly taskId: string | undefined;
  readonly success: boolean;
  readonly data: unknown;
  readonly error: ErrorInfo | undefined;
};

/** Throws `validation_failed`. An error that is not null makes it a failure, as it does in the answer of a part. */
export function parseAnswer(body: unknown): ParsedAnswer {
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw invalid("", "expected an object {success?, data?, error?}");
  const { run_id, task_id, success = true, error } = parseFields(Body, body);
  const fields = new Map<string, unknown>(Object.entries(body));
  const failed = !success || (error !== undefined && error !== null);
  return {
    runId: run_id,
    taskId: task_id,
    success: !failed,
    // `result` is what older daemons call it.
    data: (fields.has("data") ? fields.get("data") : fields.get("result")) ?? null,
    error: failed ? errorInfo(error ?? {}) : undefined,
  };
}

/** A failure that was reported is not tried again, whatever it says of itself. */
function errorInfo(error: z.infer<typeof ErrorField>): ErrorInfo {
  const { code, message, details } = typeof error === "string" ? { message: error } : { details: undefined, ...error };
  // The error lies in the log itself, which has no room for more.
  if (details !== undefined && JSON.stringify(details).length > MAX_INLINE_BYTES)
    throw invalid("/error/details", `expected at most ${MAX_INLINE_BYTES} characters; send more as data`);
  return {
    code: code === undefined || code === "" ? DEFAULT_CODE : code,
    message: (message ?? "the answer reports a failure").slice(0, MAX_MESSAGE_CHARS),
    retryable: false,
    ...(details === undefined ? {} : { details }),
  };
}
