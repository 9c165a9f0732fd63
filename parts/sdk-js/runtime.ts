/*
 * What the build loads into the engine before any program, once: it becomes part of the engine's memory image. It gives programs the
 * globals `console` and `arcrun`'s functions, and turns what they return or throw into an answer. What must stay true:
 * 1. It uses nothing that a program can change: what it needs of the globals it takes at the start.
 * 2. A program reaches the host through `arcrun` and `console` only; the host checks each call, whatever it is.
 */
import { createArcrun } from "./arcrun.ts";
import { createConsole } from "./console.ts";
import type { Part } from "./part.ts";

/** Texts are JSON, but those of `log`. `answer` does not come back, `call` only if the answer to this call is known. */
export type Host = {
  readonly call: (request: string) => string;
  readonly answer: (answer: string) => void;
  readonly log: (line: string) => void;
  readonly limit: (fuel: number, memoryMib: number) => void;
  /** Comes back only when memory was never refused. */
  readonly ranOut: () => void;
};
type Program = { readonly default: Part<unknown> };
/** What the host calls. `program` is the promise of a module, or what was thrown when it was read. */
type Start = (program: Promise<Program> | Error, input: string) => void;

const { parse, stringify } = JSON;
const OUT_OF_MEMORY = "out of memory";
const TOO_DEEP = "Maximum call stack size exceeded";

/** Called by the build with the host's functions, in the order of HOST_FUNCTIONS. */
export default function boot(
  call: Host["call"],
  answer: Host["answer"],
  log: Host["log"],
  limit: Host["limit"],
  ranOut: Host["ranOut"],
): Start {
  const arcrun = createArcrun({ call, answer, log, limit, ranOut });
  const NativeError = Error;
  const isError = (value: unknown): value is Error => value instanceof NativeError;
  // The time of the build, which is none of a program's business.
  Reflect.deleteProperty(globalThis, "performance");
  Object.defineProperty(globalThis, "console", { value: createConsole(log), writable: true, configurable: true });

  async function perform(program: Promise<Program> | Error, input: string): Promise<void> {
    try {
      if (isError(program)) throw program;
      const { default: part } = await program;
      if (typeof part !== "function") throw new TypeError("the default export of the program must be a function (input, arcrun)");
      answer(written(await part(parse(input), arcrun)));
    } catch (thrown) {
      // When not even an error could be made, null is thrown.
      if (thrown === null || (isError(thrown) && thrown.message.startsWith(OUT_OF_MEMORY))) ranOut();
      answer(stringify({ success: false, error: errorOf(thrown) }));
    }
  }
  return (program, input) => void perform(program, input);
}

function written(value: unknown): string {
  const text = stringify(value === undefined ? null : value);
  if (text === undefined) throw new TypeError(`the result is a ${typeof value}, which is no JSON`);
  return text;
}

function errorOf(thrown: unknown): Readonly<Record<string, unknown>> {
  if (typeof thrown !== "object" || thrown === null) return { code: "part.failed", message: shown(thrown), retryable: false };
  const { code, message, retryable, details, retryAfterMs } = thrown as Readonly<Record<string, unknown>>; // whatever an object may hold
  return {
    code: typeof code === "string" && code !== "" ? code : "part.failed",
    message: typeof message === "string" ? explained(message) : shown(thrown),
    retryable: retryable === true,
    ...(details === undefined ? {} : { details }),
    ...(typeof retryAfterMs === "number" ? { retry_after_ms: retryAfterMs } : {}),
  };
}

const explained = (message: string): string =>
  message === TOO_DEEP ? "a recursion went too deep: the input may be nested deeper than the part can follow" : message;

function shown(value: unknown): string {
  try {
    return typeof value === "string" ? value : (stringify(value) ?? String(value));
  } catch {
    return "something was thrown that has no message";
  }
}
