/**
 * What a part written in TypeScript imports, if it imports anything. A part is the default export of its `main.ts`:
 *
 *     export default definePart((input: { text: string }) => ({ result: input.text.length }));
 *
 * It gets the input and, to call the host, `arcrun`; what it returns (or its promise gives) is the answer, or the `data` of a success.
 */

/** The host. Each call is recorded; after it the part runs again from its start, so that nothing waits in memory. */
export type Arcrun = {
  /** One request, with the params of the part `http_request`. Rejects for a status that is not accepted, as that part fails. */
  http(request: HttpParams): Promise<HttpAnswer>;
  /** `"3d"`, a number of seconds, or a moment. Gives the milliseconds that passed. */
  sleep(time: string | number | { readonly until: string }): Promise<number>;
  /** Waits for somebody to call back, and gives the data that came. */
  callback(options?: { readonly note?: string; readonly schema?: unknown; readonly timeout?: string | number }): Promise<unknown>;
  /** The address that ends the next `callback()`. */
  callbackUrl(): Promise<string>;
  /** Runs another workflow to its end. */
  run(workflow: string, input?: unknown): Promise<{ readonly run_id: string; readonly status: string; readonly output: unknown }>;
  /** Any call that the manifest grants, as JSON. */
  call(request: { readonly call: string; readonly [field: string]: unknown }): Promise<unknown>;
  /** Lowers the limits of this run; what is higher than they are changes nothing. */
  limit(limits: { readonly fuel?: number; readonly memory_mib?: number }): void;
};

export type HttpParams = {
  readonly url: string;
  readonly method?: string;
  readonly ok_status?: readonly number[];
  readonly [field: string]: unknown;
};
export type HttpAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly json?: unknown;
  readonly retry_after_ms?: number;
};

/** `answer`: `{success, data}`, `{pending, task_id}`, …; or anything else, which is then the data of a success. */
export type Part<Input> = (input: Input, arcrun: Arcrun) => unknown;

export const definePart = <Input>(part: Part<Input>): Part<Input> => part;

/** A failure with a code of its own. Any other error that a part throws has the code `part.failed`, unless it brings one. */
export class PartError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly details: unknown;
  /** Not before so many milliseconds should it be tried again. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: string,
    message: string,
    more: { readonly retryable?: boolean; readonly details?: unknown; readonly retryAfterMs?: number | undefined } = {},
  ) {
    super(message);
    this.code = code;
    this.retryable = more.retryable ?? false;
    this.details = more.details;
    this.retryAfterMs = more.retryAfterMs;
  }
}
