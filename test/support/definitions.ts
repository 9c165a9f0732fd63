/** Short ways to write definitions, and to parse them with the fake catalogue. */
import { createHash } from "node:crypto";
import type { Issue } from "../../shared/model/errors.ts";
import { parseWorkflow } from "../../shared/model/definition/parse-workflow.ts";
import type { Plan } from "../../shared/model/plan.ts";
import type { ParsedWorkflow } from "../../shared/model/definition/workflow.ts";
import { fakeCatalogue } from "./fake-catalogue.ts";

export type Fields = Readonly<Record<string, unknown>>;

export const sha256Hex = (text: string): string => createHash("sha256").update(text).digest("hex");
export const parse = (value: unknown) => parseWorkflow(value, { catalogue: fakeCatalogue, sha256Hex });

export const fixed = (values: unknown): Fields => ({ component: "set", values });
export const START = "input >> ON_SUCCESS >> one";
export const LINE = [START, "one >> ON_SUCCESS >> two"];
export const BOTH = { one: fixed({}), two: fixed({}) };
export const definition = (fields: Fields = {}): Fields => ({
  name: "sample",
  description: "for a test",
  flow: [START],
  config: { one: fixed({}) },
  ...fields,
});
export const two = (fields: Fields): Fields => definition({ flow: LINE, config: BOTH, ...fields });
export const reading = (value: unknown): Fields => two({ config: { ...BOTH, two: fixed({ v: value }) } });
export const policy = (fields: unknown): Fields => two({ policy: { two: fields } });
export const flow = (...lines: unknown[]): Fields => definition({ flow: [START, ...lines], config: BOTH });

export function refused(value: unknown): readonly Issue[] {
  const result = parse(value);
  if (result.ok) throw new Error("the definition was accepted");
  return result.errors;
}

export function accepted(value: unknown): ParsedWorkflow {
  const result = parse(value);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.workflow;
}

export const warningsOf = (value: unknown) => accepted(value).warnings.map(({ pointer, code }) => [pointer, code]);

/** The plan of a definition to which a name and a description are added. */
export const compile = (fields: Fields): Plan => accepted({ name: "sample", description: "for a test", ...fields }).plan;

/** A node that gives these values. */
export const set = (values: Fields = {}): Fields => fixed(values);
