import { beginSuccess, finish, succeed } from "../sdk/answer";
import { field, given, listField, objectField, textField } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json } from "../sdk/json";
import { Writer } from "../sdk/writer";

/** Later assignments of the same name win, at the place of the first. */
function assigned(list: Json[], answer: Writer): Writer {
  const places = new Map<string, i32>();
  const names: string[] = [];
  const values: Json[] = [];
  for (let i = 0; i < list.length; i++) {
    const place = "assignments[" + i.toString() + "].";
    const name = textField(list[i], "key", place);
    const value = field(list[i], "value", "any value", place);
    if (places.has(name)) {
      values[places.get(name)] = value;
      continue;
    }
    places.set(name, names.length);
    names.push(name);
    values.push(value);
  }
  answer.put("{");
  for (let i = 0; i < names.length; i++)
    answer
      .put(i == 0 ? "" : ",")
      .text(names[i])
      .put(":")
      .json(values[i]);
  return answer.put("}");
}

const input = readInput();
if (given(input, "values") === null && given(input, "assignments") !== null) {
  finish(assigned(listField(input, "assignments"), beginSuccess()));
}
succeed(objectField(input, "values"));
