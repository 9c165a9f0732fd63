/** Reading the resolved config of an engine step: what does not fit fails the node, with the field. */
import type { z } from "zod";
import { ArcrunError } from "../../../shared/model/errors.ts";
import type { Attempt } from "../attempt.ts";

export function readParams<S extends z.ZodType>(schema: S, { params, assignment }: Attempt): z.output<S> {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.map(String).join(".") ?? "";
  throw new ArcrunError(
    "part.invalid_input",
    `node "${assignment.vertex.node}": ${field === "" ? "its config" : field}: ${issue?.message ?? "does not fit"}`,
    { details: { field } },
  );
}
