/** Refusals as RFC 9457 problems. Says nothing of our inside and repeats nothing long of what was sent. */
import { ArcrunError, ERROR_CODES, type ErrorCode, type Issue, revived } from "../model/errors.ts";
import { SECOND_MS } from "../model/limits.ts";

const MAX_DETAIL_CHARS = 400;
const MAX_ERRORS = 100;
const RETRY_AFTER_SECONDS = 5;

/** A refusal whose status or fields differ from what its code says by itself. */
export type ProblemExtras = {
  readonly status?: number;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Thrown by a route: the error, and what is added to its problem. */
export class HttpProblem extends ArcrunError {
  readonly extras: ProblemExtras;

  constructor(code: ErrorCode, message: string, extras: ProblemExtras & { readonly issues?: readonly Issue[] } = {}) {
    super(code, message, { issues: extras.issues ?? [] });
    this.extras = extras;
  }
}

/** 429 with the seconds after which the same request has room. */
export function rateLimited(what: string, lateMs: number): HttpProblem {
  const seconds = Math.max(1, Math.ceil(lateMs / SECOND_MS));
  return new HttpProblem("rate_limited", `${what}; try again in ${seconds} s`, { headers: { "retry-after": String(seconds) } });
}

/** One answer for what does not exist, what is another tenant's, and what is forged. */
export const notFound = (): ArcrunError => new ArcrunError("not_found", "there is no such thing here");

export const invalid = (pointer: string, detail: string): ArcrunError =>
  new ArcrunError("validation_failed", `${pointer === "" ? "the request" : pointer} is not valid: ${detail}`, {
    issues: [{ pointer, code: "value.invalid", detail }],
  });

const cut = (text: string): string => (text.length <= MAX_DETAIL_CHARS ? text : `${text.slice(0, MAX_DETAIL_CHARS - 1)}…`);

/** `instance` is the template of the route, never the path itself: an unknown id looks like any other. */
export function problemResponse(thrown: unknown, requestId: string, instance: string): Response {
  const known = revived(thrown);
  const error =
    known instanceof ArcrunError
      ? known
      : new ArcrunError("internal_error", "an unexpected error; the log has it under the id of the request");
  const extras = thrown instanceof HttpProblem ? thrown.extras : {};
  const rule = ERROR_CODES[error.code];
  const status = extras.status ?? rule.status;
  const detail = cut(error.message);
  const body = {
    type: `https://arcrun.dev/errors/${error.code}`,
    title: error.code.replaceAll(/[_.]/g, " "),
    status,
    detail,
    instance,
    code: error.code,
    request_id: requestId,
    retryable: rule.retryable,
    errors: error.issues.slice(0, MAX_ERRORS).map((issue) => ({ ...issue, detail: cut(issue.detail) })),
    success: false,
    error: detail,
    ...extras.fields,
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json", ...headersFor(status), ...extras.headers },
  });
}

function headersFor(status: number): Record<string, string> {
  if (status === 401) return { "www-authenticate": 'Bearer realm="arcrun"' };
  return status === 429 || status === 503 ? { "retry-after": String(RETRY_AFTER_SECONDS) } : {};
}
