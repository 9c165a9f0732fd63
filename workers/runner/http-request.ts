/** A request as a part or recipe describes it: parsed before anything is done with it. */
import { z } from "zod";
import { parseDuration } from "../../shared/model/duration.ts";
import { MAX_TIMEOUT_MS } from "../../shared/model/limits.ts";

const Scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const Fields = z.record(z.string(), Scalar);
const Duration = z.union([z.string(), z.number()]).transform((given, context) => {
  const ms = parseDuration(given);
  if (ms !== undefined && ms > 0 && ms <= MAX_TIMEOUT_MS) return ms;
  context.addIssue({ code: "custom", message: "expected a duration such as 10s" });
  return z.NEVER;
});

export const HttpRequest = z.object({
  url: z.string(),
  method: z
    .string()
    .regex(/^[A-Za-z]{3,10}$/)
    .transform((method) => method.toUpperCase())
    .default("GET"),
  headers: Fields.default({}),
  query: Fields.default({}),
  body: z.unknown().optional(),
  body_json: z.unknown().optional(),
  form: Fields.optional(),
  timeout: Duration.optional(),
  follow_redirects: z.boolean().default(true),
  response: z.enum(["auto", "json", "text", "base64"]).default("auto"),
  /** Name of the header that carries the idempotency key. */
  idempotency_header: z.string().default("idempotency-key"),
});
export type HttpRequest = z.infer<typeof HttpRequest>;

const encoder = new TextEncoder();

/** The bytes of the body and the media type that goes with them, unless a header says another. */
export function bodyOf({ body, body_json, form }: HttpRequest): { readonly bytes: Uint8Array; readonly type: string } | undefined {
  if (form !== undefined) return { bytes: encoder.encode(new URLSearchParams(form).toString()), type: "application/x-www-form-urlencoded" };
  if (body_json !== undefined) return { bytes: encoder.encode(JSON.stringify(body_json)), type: "application/json" };
  if (body === undefined || body === null) return undefined;
  if (typeof body === "string") return { bytes: encoder.encode(body), type: "text/plain; charset=utf-8" };
  return { bytes: encoder.encode(JSON.stringify(body)), type: "application/json" };
}
