import { beginSuccess, finish } from "../sdk/answer";
import { field, given, numberOr, refuseField, wholeOf } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json, Kind } from "../sdk/json";
import { jsonProblem, readJson } from "../sdk/read-json";
import { Writer } from "../sdk/writer";

/** What the text holds, if it is a text. */
function opened(items: Json): Json {
  if (items.kind != Kind.Text) return items;
  const value = readJson(items.text);
  if (value !== null) return value;
  refuseField("items", "is a text that is no JSON: " + jsonProblem);
  return items;
}

function writeMembers(object: Json, from: i32, to: i32, answer: Writer): void {
  const members = object.distinctMembers();
  for (let i = from; i < to; i++)
    answer
      .put(i == from ? '{"key":' : ',{"key":')
      .json(members[i].key)
      .put(',"value":')
      .json(members[i].value)
      .put("}");
}

function main(): void {
  const input = readInput();
  const items = opened(field(input, "items", "a list, an object or their JSON"));
  const isObject = items.kind == Kind.Object;
  if (!isObject && items.kind != Kind.List && items.kind != Kind.Null)
    refuseField("items", "must be a list, an object or their JSON, but it is " + items.kindName);
  const list = items.items();
  const total = isObject ? items.distinctMembers().length : list.length;
  const from = min(total, wholeOf(numberOr(input, "offset", 0), "offset", 0, i32.MAX_VALUE));
  const limit = given(input, "limit") === null ? total : wholeOf(numberOr(input, "limit", 0), "limit", 1, i32.MAX_VALUE);
  const to = <i32>min<i64>(<i64>from + limit, total);
  const answer = beginSuccess().put('{"items":[');
  if (isObject) writeMembers(items, from, to, answer);
  else for (let i = from; i < to; i++) answer.put(i == from ? "" : ",").json(list[i]);
  answer
    .put('],"count":')
    .number(to - from)
    .put(',"total":')
    .number(total);
  finish(
    answer
      .put(',"next_offset":')
      .put(to < total ? to.toString() : "null")
      .put("}"),
  );
}

main();
