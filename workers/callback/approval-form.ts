/** What a person has entered, read as the fields of the approval ask for it. */
import { type ApprovalAnswer, type ApprovalField, type ApprovalFields, MAX_BY_CHARS } from "../../shared/model/approval.ts";
import { schemaProblems } from "../../shared/schema-problems.ts";

/** Names of the form's inputs: those of the fields cannot be confused with its own. */
export const inputName = (field: string): string => `field.${field}`;
export const BY_INPUT = "by";
export const DECISION_INPUT = "decision";

/** The first problem of each field, by its name; under "" what belongs to none. */
export type FormProblems = ReadonlyMap<string, string>;
export type ReadForm = { readonly answer: ApprovalAnswer; readonly problems: FormProblems };

/** Undefined: neither button was pressed. Who rejects need not fill in the form, and what he entered is kept as far as it fits. */
export function readForm(entered: URLSearchParams, fields: ApprovalFields): ReadForm | undefined {
  const decision = entered.get(DECISION_INPUT);
  if (decision !== "approve" && decision !== "reject") return undefined;
  const approved = decision === "approve";
  const answers: Record<string, unknown> = {};
  const problems = new Map<string, string>();
  for (const [name, field] of Object.entries(fields.properties)) {
    const read = readField(entered.get(inputName(name)), field);
    if ("problem" in read) problems.set(name, read.problem);
    else if (read.value !== undefined) define(answers, name, read.value);
    else if (fields.required.includes(name)) problems.set(name, "This field is needed.");
  }
  for (const { pointer, detail } of schemaProblems({ ...fields, type: "object" }, answers)) {
    const name = nameAt(pointer);
    // Which fields are missing was said already.
    if (name !== "" && !problems.has(name)) problems.set(name, detail);
  }
  const by = (entered.get(BY_INPUT) ?? "").trim().slice(0, MAX_BY_CHARS);
  if (approved) return { answer: { approved, by: by === "" ? null : by, answers }, problems };
  const fitting = Object.fromEntries(Object.entries(answers).filter(([name]) => !problems.has(name)));
  return { answer: { approved, by: by === "" ? null : by, answers: fitting }, problems: new Map() };
}

/** `__proto__` is a name like any other. */
const define = (map: Record<string, unknown>, name: string, value: unknown): void =>
  void Object.defineProperty(map, name, { value, enumerable: true, configurable: true, writable: true });

type Read = { readonly value: unknown } | { readonly problem: string };

function readField(text: string | null, field: ApprovalField): Read {
  if (field.enum !== undefined) return readChoice(text, field.enum);
  switch (field.type) {
    case "boolean":
      return { value: text !== null };
    case "number":
    case "integer":
      return readNumber((text ?? "").trim(), field.type);
    case "string":
    case undefined: {
      const lines = (text ?? "").replaceAll("\r\n", "\n"); // browsers send those
      return { value: lines === "" ? undefined : lines };
    }
  }
}

/** The page sends the place in the list: so a choice keeps its type. */
function readChoice(text: string | null, choices: readonly unknown[]): Read {
  if (text === null || text === "") return { value: undefined };
  const index = /^\d{1,4}$/.test(text) ? Number(text) : -1;
  return index >= 0 && index < choices.length ? { value: choices[index] } : { problem: "Choose one of the list." };
}

function readNumber(text: string, type: "number" | "integer"): Read {
  if (text === "") return { value: undefined };
  const value = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,3})?$/i.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) return { problem: "Enter a number." };
  return type === "integer" && !Number.isInteger(value) ? { problem: "Enter a whole number." } : { value };
}

const nameAt = (pointer: string): string => (pointer.split("/")[1] ?? "").replaceAll("~1", "/").replaceAll("~0", "~");
