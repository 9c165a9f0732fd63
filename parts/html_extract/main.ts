import { selectAll, selectOne } from "css-select";
import render from "dom-serializer";
import type { AnyNode, Element } from "domhandler";
import { getAttributeValue, textContent } from "domutils";
import { parseDocument } from "htmlparser2";
import { boolOr, given, isObject, refuseField, textField, textOr, wordOr } from "../sdk-js/fields.ts";
import { definePart, PartError } from "../sdk-js/part.ts";
import { shownText } from "./shown-text.ts";

const VALUES = ["text", "html", "outer_html", "attr"] as const;
const MAX_LEVELS = 8;

/** With `fields` an object of what each gives; else what the one selector gives, as `result`. */
export default definePart((input: unknown) => {
  const document = parseDocument(textField(input, "html"));
  const fields = given(input, "fields");
  if (fields === undefined) return { success: true, data: { result: extract(document, input, "selector", 0) } };
  return { success: true, data: extractFields(document, fields, "fields", 0) };
});

function extractFields(from: AnyNode, fields: unknown, place: string, level: number): Readonly<Record<string, unknown>> {
  if (!isObject(fields)) return refuseField(place, "must be an object of selectors");
  if (level >= MAX_LEVELS) return refuseField(place, `may be nested ${MAX_LEVELS} levels deep`);
  return Object.fromEntries(Object.entries(fields).map(([name, wish]) => [name, extract(from, wish, `${place}.${name}`, level)]));
}

/** `wish`: a selector, or an object with more to say. */
function extract(from: AnyNode, wish: unknown, place: string, level: number): unknown {
  if (typeof wish === "string") return extract(from, { selector: wish }, place, level);
  if (!isObject(wish)) return refuseField(place, "must be a selector, or an object that has one");
  const selector = textOr(wish, "selector", undefined);
  const found = selector === undefined ? [from] : select(from, selector, boolOr(wish, "all", false));
  const values = found.map((node) => valueOf(node, wish, place, level));
  return boolOr(wish, "all", false) ? values : (values[0] ?? null);
}

function select(from: AnyNode, selector: string, isAll: boolean): readonly AnyNode[] {
  try {
    if (isAll) return selectAll<AnyNode, Element>(selector, from);
    const one = selectOne<AnyNode, Element>(selector, from);
    return one === null ? [] : [one];
  } catch (thrown) {
    throw new PartError(
      "html.invalid_selector",
      `the selector ${JSON.stringify(selector)} is not valid: ${thrown instanceof Error ? thrown.message.trim() : ""}`,
    );
  }
}

function valueOf(node: AnyNode, wish: unknown, place: string, level: number): unknown {
  const fields = given(wish, "fields");
  if (fields !== undefined) return extractFields(node, fields, `${place}.fields`, level + 1);
  const attribute = textOr(wish, "attr", undefined);
  switch (wordOr(wish, "value", attribute === undefined ? "text" : "attr", VALUES)) {
    case "attr":
      return (
        getAttributeValue(node as Element, attribute ?? refuseField(`${place}.attr`, "is missing; expected the name of an attribute")) ??
        null
      ); // a document has none
    case "html":
      return render("children" in node ? node.children : [], { encodeEntities: "utf8" });
    case "outer_html":
      return render(node, { encodeEntities: "utf8" });
    case "text":
      return boolOr(wish, "trim", true) ? shownText(node) : textContent(node);
  }
}
