import { beginSuccess, finish } from "../sdk/answer";
import { askHost } from "../sdk/call";
import { field, given, refuseField, textOf } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json, Kind, parseJson } from "../sdk/json";
import { jsonProblem, readJson } from "../sdk/read-json";
import { Writer } from "../sdk/writer";

function finishWith(isValid: bool, errors: Json | null, value: Json | null): void {
  const answer = beginSuccess().put('{"valid":').bool(isValid).put(',"errors":');
  if (errors === null) answer.put("[]");
  else answer.json(errors);
  answer.put(',"value":');
  if (value === null) answer.put("null");
  else answer.json(value);
  finish(answer.put("}"));
}

/** The value that a text holds. Ends the part with the answer that it is not valid, when it holds none. */
function parse(text: string): Json {
  const value = readJson(text);
  if (value !== null) return value;
  const errors = new Writer()
    .put('[{"pointer":"","detail":')
    .text("the text is no JSON: " + jsonProblem)
    .put("}]");
  const size = errors.size;
  const list = parseJson(errors.joined(), size);
  finishWith(false, list, null);
  return list;
}

function main(): void {
  const input = readInput();
  const text = given(input, "json_string");
  const value = text === null ? field(input, "value", "a value, or a text in json_string") : parse(textOf(text, "json_string"));
  const schema = given(input, "schema");
  if (schema === null) {
    finishWith(true, null, value);
    return;
  }
  if (schema.kind != Kind.Object && schema.kind != Kind.Bool) refuseField("schema", "must be a JSON Schema, but it is " + schema.kindName);
  const result = askHost(new Writer().put('{"call":"validate_schema","value":').json(value).put(',"schema":').json(schema).put("}"));
  const error = given(result, "error");
  if (error !== null) finish(new Writer().put('{"success":false,"error":').json(error));
  const errors = field(result, "errors", "a list");
  finishWith(errors.items().length == 0, errors, value);
}

main();
