/** Reading the resolved config of an engine step: what does not fit fails the node, with the field. */
import type { z } from "zod";
import { parseDuration } from "../../../shared/model/duration.ts";
import { ArcrunError } from "../../../shared/model/errors.ts";
import { isMap } from "../../../shared/model/definition/issues.ts";
import { MAX_WAIT_MS } from "../../../shared/model/limits.ts";
import type { Attempt } from "../attempt.ts";

export function readParams<S extends z.ZodType>(schema: S, { params, assignment }: Attempt): z.output<S> {
  const parsed = schema.safeParse(withoutNulls(params));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.map(String).join(".") ?? "";
  throw new ArcrunError(
    "part.invalid_input",
    `node "${assignment.vertex.node}": ${field === "" ? "its config" : field}: ${issue?.message ?? "does not fit"}`,
    { details: { field } },
  );
}

/** How long a wait may take at most; undefined: what the node's policy says. */
export function waitLimitMs(timeout: string | number | undefined): number | undefined {
  const ms = timeout === undefined ? undefined : parseDuration(timeout);
  if (timeout !== undefined && (ms === undefined || ms > MAX_WAIT_MS))
    throw new ArcrunError("wait.invalid", "timeout: expected a duration of 365 days at most");
  return ms;
}

/** A field that is null counts as absent, as parts have it: what a template did not find is null. */
const withoutNulls = (params: unknown): unknown =>
  isMap(params) ? Object.fromEntries(Object.entries(params).filter(([, value]) => value !== null)) : params;
