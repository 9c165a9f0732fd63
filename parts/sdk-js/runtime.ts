/*
 * What the build loads into the engine before any program, once: it becomes part of the engine's memory image. It gives programs the
 * globals `console` and `arcrun`'s functions, and turns what they return or throw into an answer. What must stay true:
 * 1. It uses nothing that a program can change: what it needs of the globals it takes at the start.
 * 2. A program reaches the host through `arcrun` and `console` only; the host checks each call, whatever it is.
 */
import { createArcrun } from "./arcrun.ts";
import { createConsole } from "./console.ts";
import type { Host } from "./host.ts";
import type { Part } from "./part.ts";

type Program = { readonly default: Part<unknown> };
/** What the host calls. `program` is the promise of a module, or what was thrown when it was read. */
type Start = (program: Promise<Program> | Error, input: string) => void;

const { parse, stringify } = JSON;
const { getOwnPropertyDescriptor } = Reflect;
const OUT_OF_MEMORY = ["out of memory", "out of memory in regexp execution"] as const;
const UNREADABLE =
  '{"success":false,"error":{"code":"part.failed","message":"something was thrown that has no message","retryable":false}}';
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
      if (thrown === null || isOutOfMemory(thrown)) ranOut();
      answer(failure(thrown));
    }
  }
  return (program, input) => void perform(program, input);
}

function written(value: unknown): string {
  const text = stringify(value === undefined ? null : value);
  if (text === undefined) throw new TypeError(`the result is a ${typeof value}, which is no JSON`);
  return text;
}

function isOutOfMemory(thrown: unknown): boolean {
  const message = typeof thrown === "object" && thrown !== null ? getOwnPropertyDescriptor(thrown, "message")?.value : undefined;
  return message === OUT_OF_MEMORY[0] || message === OUT_OF_MEMORY[1];
}

/** Getters of what was thrown may throw, too. */
function failure(thrown: unknown): string {
  try {
    return stringify({ success: false, error: errorOf(thrown) });
  } catch {
    return UNREADABLE;
  }
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
  return typeof value === "string" ? value : (stringify(value) ?? String(value));
}
