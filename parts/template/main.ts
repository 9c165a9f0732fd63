import { Liquid } from "liquidjs";
import { boolOr, given, objectField, textField, wordOr } from "../sdk-js/fields.ts";
import { definePart, PartError } from "../sdk-js/part.ts";

const ESCAPES = ["none", "html"] as const;

/** Liquid: `{{ name }}`, `{% for %}`, `{% if %}`, filters. It knows `data` and nothing else: no files, no code. */
export default definePart((input: unknown) => {
  const template = textField(input, "template");
  const isHtml = wordOr(input, "escape", "none", ESCAPES) === "html";
  const isStrict = boolOr(input, "strict", false);
  const engine = new Liquid({
    ownPropertyOnly: true,
    strictVariables: isStrict,
    strictFilters: true,
    templates: {},
    timezoneOffset: 0,
    ...(isHtml ? { outputEscape: "escape" as const } : {}),
  });
  // There are no other files that a tag could take in.
  for (const tag of ["include", "render", "layout", "block"]) Reflect.deleteProperty(engine.tags, tag);
  const data = given(input, "data") === undefined ? {} : objectField(input, "data");
  try {
    return { success: true, data: { text: engine.parseAndRenderSync(template, data) } };
  } catch (thrown) {
    throw failureOf(thrown);
  }
});

/** The library's errors say where, in a last part of the message. */
function failureOf(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !("token" in thrown)) return thrown;
  const message = thrown.message.replace(/, line:(\d+), col:(\d+)$/, " (line $1, column $2)");
  const isMissing = thrown.name === "UndefinedVariableError" || message.startsWith("undefined variable");
  return new PartError(isMissing ? "template.missing_variable" : "template.invalid_text", message);
}
