import { XMLBuilder, XMLParser, XMLValidator } from "fast-xml-parser";
import { boolOr, given, isObject, listField, objectField, refuseField, textField, textOr } from "../sdk-js/fields.ts";
import { defineOperations } from "../sdk-js/operations.ts";
import { PartError } from "../sdk-js/part.ts";

/** An attribute `id` is the key `@id`, text beside elements `#text`, and `#cdata` what must be written as CDATA. */
const ATTRIBUTE = "@";
const TEXT = "#text";
const CDATA = "#cdata";
const MAX_DEPTH = 60;
/** Entities of one's own could grow without end, so a document that declares some is not read. */
const OWN_ENTITIES = /<!DOCTYPE[^>[]*\[/i;
const NAME = /^[\p{L}_][\p{L}\p{N}\p{M}_.:·-]*$/u;

export default defineOperations({ parse, stringify });

function parse(input: unknown): unknown {
  const text = textField(input, "text").trim();
  if (OWN_ENTITIES.test(text)) throw new PartError("xml.entities", "the document declares entities of its own, which are not read");
  const checked = XMLValidator.validate(text);
  if (checked !== true) {
    const { msg, line } = checked.err;
    const column = Number(checked.err.col) || 1; // it is not there when the text is empty
    throw new PartError("xml.invalid", `${msg.replace(/\.$/, "")} (line ${line}, column ${column})`, { details: { line, column } });
  }
  const lists = new Set(given(input, "lists") === undefined ? [] : listField(input, "lists"));
  const isTyped = boolOr(input, "types", false);
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: ATTRIBUTE,
    textNodeName: TEXT,
    removeNSPrefix: !boolOr(input, "namespaces", true),
    ignoreDeclaration: true,
    ignorePiTags: true,
    parseTagValue: isTyped,
    parseAttributeValue: isTyped,
    numberParseOptions: { hex: false, leadingZeros: false, eNotation: false, skipLike: /\d{16,}/ },
    htmlEntities: true,
    isArray: (name: string) => lists.has(name),
    maxNestedTags: MAX_DEPTH,
  });
  try {
    return parser.parse(text);
  } catch (thrown) {
    const problem = thrown instanceof Error ? thrown.message.replace("[SECURITY] ", "") : "";
    throw new PartError("xml.invalid", `the document cannot be read: ${problem}`);
  }
}

function stringify(input: unknown): string {
  const value = objectField(input, "value");
  const root = textOr(input, "root", undefined);
  const names = root === undefined ? Object.keys(value) : [root];
  if (names.length !== 1) refuseField("value", `must have exactly one element at the top, or come with a "root"; it has ${names.length}`);
  const [only] = Object.values(value);
  if (root === undefined && Array.isArray(only))
    refuseField("value", 'has a list at the top, which would be several elements; give it a "root"');
  checkNames(root === undefined ? value : { [root]: value }, "value");
  const isPretty = boolOr(input, "pretty", false);
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: ATTRIBUTE,
    textNodeName: TEXT,
    cdataPropName: CDATA,
    format: isPretty,
    indentBy: "  ",
    suppressEmptyNode: true,
    suppressBooleanAttributes: false,
  });
  const xml = builder.build(root === undefined ? value : { [root]: value }).trimEnd();
  const declaration = boolOr(input, "declaration", true) ? `<?xml version="1.0" encoding="UTF-8"?>${isPretty ? "\n" : ""}` : "";
  return `${declaration}${xml}`;
}

/** A key that is no name would become markup. */
function checkNames(value: unknown, place: string): void {
  if (Array.isArray(value)) value.forEach((item, index) => checkNames(item, `${place}[${index}]`));
  if (!isObject(value)) return;
  for (const [key, item] of Object.entries(value)) {
    const name = key.startsWith(ATTRIBUTE) ? key.slice(1) : key;
    if (key !== TEXT && key !== CDATA && !NAME.test(name))
      refuseField(place, `has the key ${JSON.stringify(key)}, which is no name in XML`);
    if (key.startsWith(ATTRIBUTE) && typeof item === "object" && item !== null)
      refuseField(`${place}.${key}`, "is an attribute, so it must be a text, a number or a boolean");
    checkNames(item, `${place}.${key}`);
  }
}
