import { PartError } from "../sdk-js/part.ts";

/** How the engine calls what `new AsyncFunction` makes, and the lines that it puts before the code. */
const FRAME = /<input>:(\d+):(\d+)/;
const LINES_BEFORE = 2;

/**
 * The failure for what the code threw, with the line and column of the code. An error that brings a code of its own (one of a call that
 * failed, or one that the author gave it) keeps that. What says that memory ran out stays as it is: the host knows it by that.
 */
export function positioned(code: string, thrown: unknown): unknown {
  if (thrown === null || isOutOfMemory(thrown)) return thrown;
  if (!(thrown instanceof Error)) return new PartError(code, shown(thrown), { details: { thrown } });
  const place = placeOf(thrown);
  const own = thrown as Error & { code?: unknown; retryable?: unknown; details?: unknown; retryAfterMs?: unknown }; // whatever the author set
  const hasCode = typeof own.code === "string" && own.code !== "";
  const details = own.details ?? { name: thrown.name, ...place };
  const name = thrown.name === "Error" || hasCode ? "" : `${thrown.name}: `;
  const where = place === undefined ? "" : ` (line ${place.line}, column ${place.column})`;
  return new PartError(hasCode ? String(own.code) : code, `${name}${thrown.message}${where}`, {
    retryable: own.retryable === true,
    details,
    ...(typeof own.retryAfterMs === "number" ? { retryAfterMs: own.retryAfterMs } : {}),
  });
}

const isOutOfMemory = (thrown: unknown): boolean => thrown instanceof Error && thrown.message.startsWith("out of memory");

function placeOf({ stack }: Error): { readonly line: number; readonly column: number } | undefined {
  const match = FRAME.exec(String(stack));
  return match === null ? undefined : { line: Number(match[1]) - LINES_BEFORE, column: Number(match[2]) };
}

function shown(value: unknown): string {
  try {
    return typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  } catch {
    return "the code threw something that has no message";
  }
}
