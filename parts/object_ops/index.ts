import { beginResult, finishResult } from "../sdk/answer";
import { field, given, objectField, operation, refuseField, refuseOperation, textField } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json, Kind } from "../sdk/json";
import { lookUp, parsePath } from "../sdk/path";
import { writeWith, writeWithout } from "../sdk/change";
import { Writer } from "../sdk/writer";

const OPERATIONS = "keys, values, entries, from_entries, get, set, delete, has";

/** The names, the values, or both. */
function list(op: string, object: Json): Writer {
  const members = object.distinctMembers();
  const answer = beginResult().put("[");
  for (let i = 0; i < members.length; i++) {
    answer.put(i == 0 ? "" : ",");
    const key = members[i].key;
    const value = members[i].value;
    if (op == "keys") answer.json(key);
    else if (op == "values") answer.json(value);
    else answer.put("[").json(key).put(",").json(value).put("]");
  }
  return answer.put("]");
}

/** The list stands in `entries`, `items` or `object`; the later of two entries of one name wins. */
function fromEntries(input: Json): Writer {
  let name = "entries";
  if (given(input, "entries") === null) name = given(input, "items") === null ? "object" : "items";
  const entries = field(input, name, "a list of [name, value]");
  if (entries.kind != Kind.List) refuseField(name, "must be a list of [name, value], but it is " + entries.kindName);
  const list = entries.items();
  const places = new Map<string, i32>();
  for (let i = 0; i < list.length; i++) {
    const pair = list[i].items();
    if (pair.length != 2 || pair[0].kind != Kind.Text) refuseField(name + "[" + i.toString() + "]", "must be [name, value]");
    places.set(pair[0].text, i);
  }
  const names = places.keys();
  const answer = beginResult().put("{");
  for (let i = 0; i < names.length; i++)
    answer
      .put(i == 0 ? "" : ",")
      .text(names[i])
      .put(":")
      .json(list[places.get(names[i])].items()[1]);
  return answer.put("}");
}

function get(input: Json, object: Json): Writer {
  const answer = beginResult();
  const value = lookUp(object, parsePath(textField(input, "path"), "path"));
  if (value !== null) return answer.json(value);
  const fallback = input.get("default");
  return fallback === null ? answer.put("null") : answer.json(fallback);
}

function main(): void {
  const input = readInput();
  const op = operation(input, OPERATIONS);
  if (!OPERATIONS.split(", ").includes(op)) refuseOperation(op, OPERATIONS);
  if (op == "from_entries") finishResult(fromEntries(input));
  const object = objectField(input, "object");
  if (op == "get") finishResult(get(input, object));
  if (op == "keys" || op == "values" || op == "entries") finishResult(list(op, object));
  const path = parsePath(textField(input, "path"), "path");
  if (path.length == 0) refuseField("path", "must not be empty");
  const answer = beginResult();
  if (op == "has") answer.bool(lookUp(object, path) !== null);
  else if (op == "set") writeWith(answer, object, path, 0, field(input, "value", "any value"));
  else writeWithout(answer, object, path, 0);
  finishResult(answer);
}

main();
