/**
 * The form of an approval. Its fields are a JSON Schema of one flat object, so that a page can show them and an answer can be checked; what
 * the page shows and what the answer must fit are read from the same schema.
 */
import { z } from "zod";

const MAX_FIELDS = 50;
const MAX_CHOICES = 200;
const MAX_NAME_CHARS = 128;
export const MAX_BY_CHARS = 200;

const Choice = z.union([z.string(), z.number(), z.boolean()]);
const Field = z.looseObject({
  type: z.enum(["string", "number", "integer", "boolean"]).optional(),
  enum: z.array(Choice).min(1).max(MAX_CHOICES).optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  default: Choice.nullable().optional(),
  format: z.string().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});
export type ApprovalField = z.infer<typeof Field>;

export const ApprovalFields = z.looseObject({
  type: z.literal("object").optional(),
  title: z.string().optional(),
  /** Shown above the fields: what the person must know to decide. */
  description: z.string().optional(),
  properties: z
    .record(z.string().min(1).max(MAX_NAME_CHARS), Field)
    .refine((fields) => Object.keys(fields).length <= MAX_FIELDS, `a form may have ${MAX_FIELDS} fields`)
    .default({}),
  required: z.array(z.string()).default([]),
});
export type ApprovalFields = z.infer<typeof ApprovalFields>;

/** What an approval is answered. Who rejects need not fill in the form. */
export const ApprovalAnswer = z.object({
  approved: z.boolean(),
  by: z
    .string()
    .max(MAX_BY_CHARS)
    .nullish()
    .transform((by) => by ?? null),
  answers: z.record(z.string(), z.unknown()).default({}),
});
export type ApprovalAnswer = z.infer<typeof ApprovalAnswer>;

/** The schema of the whole answer, kept with the wait: whichever way the answer comes, it is checked against this. */
export const answerSchema = (fields: ApprovalFields): Readonly<Record<string, unknown>> => ({
  type: "object",
  required: fields.required.length > 0 ? ["approved", "answers"] : ["approved"],
  properties: { approved: { type: "boolean" }, by: { type: ["string", "null"], maxLength: MAX_BY_CHARS }, answers: { type: "object" } },
  if: { properties: { approved: { const: false } } },
  else: { properties: { answers: { ...fields, type: "object" } } },
});

/** The fields again. A schema that is not from here has none. */
export function fieldsIn(schema: unknown): ApprovalFields {
  const Kept = z.object({ else: z.object({ properties: z.object({ answers: ApprovalFields }) }) });
  const kept = Kept.safeParse(schema);
  return kept.success ? kept.data.else.properties.answers : ApprovalFields.parse({});
}
