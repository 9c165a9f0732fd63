/** The question of an approval as a form, made from the schema of its answers. */
import { html } from "hono/html";
import { type ApprovalField, type ApprovalFields, MAX_BY_CHARS } from "../../shared/model/approval.ts";
import { BY_INPUT, DECISION_INPUT, type FormProblems, inputName } from "./approval-form.ts";
import type { Html, Page } from "./page.ts";

export type Question = {
  readonly workflow: string;
  readonly runId: string;
  readonly title: string;
  readonly expiresAt: number;
  readonly fields: ApprovalFields;
};

/** `entered`: what was sent and did not fit, shown again. */
export function questionPage(question: Question, entered?: URLSearchParams, problems: FormProblems = new Map()): Page {
  const { workflow, runId, title, expiresAt, fields } = question;
  const body = html`<h1>${title}</h1>
    ${fields.description === undefined ? "" : html`<p class="text">${fields.description}</p>`}
    <p class="soft">Workflow ${workflow}, run ${runId}.</p>
    <p class="soft">Please answer before ${readable(expiresAt)}.</p>
    ${problems.size === 0 ? "" : html`<p class="problem" role="alert">Nothing was sent. ${summaryOf(problems, fields)}</p>`}
    <form method="post">
      <button type="submit" disabled hidden></button>
      ${Object.entries(fields.properties).map(([name, field], i) => fieldOf({ name, field, id: `f${i}`, fields, entered, problems }))}
      <div class="field">
        <label for="by">Your name</label>
        <input id="by" name="${BY_INPUT}" maxlength="${MAX_BY_CHARS}" autocomplete="name" value="${entered?.get(BY_INPUT) ?? ""}" />
      </div>
      <div class="buttons">
        <button type="submit" name="${DECISION_INPUT}" value="approve">Approve</button>
        <button type="submit" class="reject" name="${DECISION_INPUT}" value="reject" formnovalidate>Reject</button>
      </div>
    </form>`;
  return { status: problems.size === 0 ? 200 : 422, title: problems.size === 0 ? title : `Not sent yet: ${title}`, body };
}

/** In the one time zone that nobody has to guess. */
const readable = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;

const labelOf = (name: string, { title }: ApprovalField): string => title ?? name;

function summaryOf(problems: FormProblems, fields: ApprovalFields): string {
  const labels = Object.entries(fields.properties).flatMap(([name, field]) => (problems.has(name) ? [labelOf(name, field)] : []));
  return labels.length === 0 ? (problems.get("") ?? "") : `Please look at: ${labels.join(", ")}.`;
}

type Shown = {
  readonly name: string;
  readonly field: ApprovalField;
  readonly id: string;
  readonly fields: ApprovalFields;
  readonly entered: URLSearchParams | undefined;
  readonly problems: FormProblems;
};

function fieldOf(shown: Shown): Html {
  const { name, field, id, fields, problems } = shown;
  const problem = problems.get(name);
  const help = [field.description === undefined ? "" : `${id}h`, problem === undefined ? "" : `${id}p`].filter((one) => one !== "");
  const isNeeded = fields.required.includes(name);
  const isCheck = field.type === "boolean" && field.enum === undefined;
  const label = html`<label for="${id}"
    >${labelOf(name, field)}${isNeeded && !isCheck ? html` <span class="soft">(needed)</span>` : ""}</label
  >`;
  const input = inputOf(shown, isNeeded, help.length === 0 ? "" : html` aria-describedby="${help.join(" ")}"`);
  return html`<div class="field${isCheck ? " check" : ""}">
    ${isCheck ? html`${input}${label}` : html`${label}${input}`}
    ${field.description === undefined ? "" : html`<p class="soft" id="${id}h">${field.description}</p>`}
    ${problem === undefined ? "" : html`<p class="problem" id="${id}p">${problem}</p>`}
  </div>`;
}

/** Longer texts have a box of their own. */
const BOX_FROM_CHARS = 200;

function inputOf({ name, field, id, entered, problems }: Shown, isNeeded: boolean, described: Html | ""): Html {
  const invalid = problems.has(name) ? html` aria-invalid="true"` : "";
  const common = html`id="${id}" name="${inputName(name)}"${described}${invalid}`;
  const required = isNeeded ? html` required` : "";
  const value = entered === undefined ? textOf(field.default) : (entered.get(inputName(name)) ?? "");
  const limits = limitsOf(field);
  if (field.enum !== undefined) return choiceOf(field, entered === undefined ? undefined : value, html`${common}${required}`, isNeeded);
  if (field.type === "boolean") {
    const isOn = entered === undefined ? field.default === true : entered.has(inputName(name));
    return html`<input type="checkbox" ${common} value="true" ${isOn ? html` checked` : ""} />`;
  }
  if (field.format === "textarea" || (field.maxLength ?? 0) > BOX_FROM_CHARS)
    return html`<textarea ${common}${required}${limits}>${value}</textarea>`;
  return html`<input ${typeOf(field)} ${common}${required}${limits} value="${value}" />`;
}

const textOf = (value: ApprovalField["default"]): string => (value === undefined || value === null ? "" : String(value));

/** `sent`: the place in the list, as the page sends it. Somebody who must choose begins with nothing chosen. */
function choiceOf(field: ApprovalField, sent: string | undefined, attributes: Html, isNeeded: boolean): Html {
  const choices = field.enum ?? [];
  const chosen = sent ?? String(choices.indexOf(field.default ?? ""));
  return html`<select ${attributes}>
    <option value="">${isNeeded ? "Please choose" : ""}</option>
    ${choices.map((choice, i) => html`<option value="${i}" ${String(i) === chosen ? html` selected` : ""}>${String(choice)}</option>`)}
  </select>`;
}

const TYPES: Readonly<Record<string, string>> = { email: "email", uri: "url", date: "date" };

function typeOf({ type, format }: ApprovalField): Html {
  if (type === "number") return html`type="number" step="any"`;
  if (type === "integer") return html`type="number" step="1"`;
  return html`type="${TYPES[format ?? ""] ?? "text"}"`;
}

function limitsOf({ type, minimum, maximum, minLength, maxLength }: ApprovalField): Html {
  const isNumber = type === "number" || type === "integer";
  const limits = isNumber ? { min: minimum, max: maximum } : { minlength: minLength, maxlength: maxLength };
  return html`${Object.entries(limits).map(([name, limit]) => (limit === undefined ? "" : html` ${name}="${limit}"`))}`;
}
