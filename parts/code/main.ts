import type { Arcrun } from "../sdk-js/part.ts";
import { definePart, PartError } from "../sdk-js/part.ts";
import { positioned } from "./position.ts";

type Input = {
  readonly code?: unknown;
  readonly input?: unknown;
  readonly limits?: { readonly fuel?: number; readonly memory_mib?: number } | null;
};
type Code = (input: unknown, arcrun: Arcrun) => Promise<unknown>;

// The language has no name for it.
const AsyncFunction = (async () => undefined).constructor as new (...source: string[]) => Code;
const { stringify } = JSON;

export default definePart(async ({ code, input, limits }: Input, arcrun) => {
  if (typeof code !== "string")
    throw new PartError("part.invalid_input", `the field "code" must be text, but it is ${code === undefined ? "missing" : typeof code}`);
  arcrun.limit(limits ?? {});
  const result = await perform(compile(code), input ?? null, arcrun);
  return { success: true, data: asJson(result) };
});

function compile(code: string): Code {
  try {
    return new AsyncFunction("input", "arcrun", code);
  } catch (thrown) {
    throw positioned("code.syntax", thrown);
  }
}

async function perform(run: Code, input: unknown, arcrun: Arcrun): Promise<unknown> {
  try {
    return await run(input, arcrun);
  } catch (thrown) {
    throw positioned("code.threw", thrown);
  }
}

/** Written here once, so that what goes wrong is said in words of the code and not of the part. */
function asJson(value: unknown): unknown {
  if (value === undefined) return null;
  try {
    if (stringify(value) !== undefined) return value;
  } catch (thrown) {
    throw new PartError(
      "code.not_json",
      `what the code returned cannot be written as JSON: ${thrown instanceof Error ? thrown.message : ""}`,
    );
  }
  throw new PartError("code.not_json", `the code returned a ${typeof value}, which cannot be written as JSON`);
}
