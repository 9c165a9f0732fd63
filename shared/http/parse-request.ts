/** Fields of requests, refused with the place and what was expected. */
import type { z } from "zod";
import { ArcrunError } from "../model/errors.ts";
import { readJson } from "./body.ts";
import { invalid } from "./problem.ts";

const MAX_SMALL_BODY_BYTES = 256 * 1024;
const MAX_PAGE = 200;
const DEFAULT_PAGE = 50;

/** Throws `validation_failed` with a pointer for each field that is wrong. */
export function parseFields<S extends z.ZodType>(shape: S, value: unknown): z.infer<S> {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => ({
    pointer: path.map((part) => `/${String(part)}`).join(""),
    code: "value.invalid",
    detail: message,
  }));
  throw new ArcrunError("validation_failed", `the body is not as expected: ${issues[0]?.pointer ?? ""} ${issues[0]?.detail ?? ""}`, {
    issues,
  });
}

/** A small JSON body of this shape; no body is `{}`. */
export async function readFields<S extends z.ZodType>(shape: S, request: Request): Promise<z.infer<S>> {
  return parseFields(shape, await readJson(request, MAX_SMALL_BODY_BYTES));
}

/** `?limit=` from 1 to 200, by default 50. */
export function pageLimit(query: URLSearchParams): number {
  const limit = query.get("limit");
  if (limit === null) return DEFAULT_PAGE;
  if (!/^\d{1,6}$/.test(limit) || Number(limit) === 0) throw invalid("/limit", "expected a number from 1");
  return Math.min(Number(limit), MAX_PAGE);
}
