import { beginSuccess, finish } from "../sdk/answer";
import { boolOr, listField, refuseField } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json, Kind } from "../sdk/json";
import { Writer } from "../sdk/writer";

/** All values of one name, oldest first. */
class Entry {
  values: Json[] = [];
  constructor(public key: Json) {}
}

function collect(objects: Json[]): Entry[] {
  const places = new Map<string, i32>();
  const entries: Entry[] = [];
  for (let i = 0; i < objects.length; i++) {
    const members = objects[i].members();
    for (let m = 0; m < members.length; m++) {
      const name = members[m].key.text;
      if (!places.has(name)) {
        places.set(name, entries.length);
        entries.push(new Entry(members[m].key));
      }
      entries[places.get(name)].values.push(members[m].value);
    }
  }
  return entries;
}

/** The objects at the end of the list: what comes before a value that is no object is overwritten. */
function trailingObjects(values: Json[]): Json[] {
  let from = values.length;
  while (from > 0 && values[from - 1].kind == Kind.Object) from--;
  return values.slice(from);
}

/** Names stand where they came first, with the value that came last. */
function merge(objects: Json[], deep: bool, target: Writer): void {
  const entries = collect(objects);
  target.put("{");
  for (let i = 0; i < entries.length; i++) {
    const values = entries[i].values;
    target
      .put(i == 0 ? "" : ",")
      .json(entries[i].key)
      .put(":");
    const same = deep ? trailingObjects(values) : [];
    if (same.length > 1) merge(same, true, target);
    else target.json(values[values.length - 1]);
  }
  target.put("}");
}

function main(): void {
  const input = readInput();
  const inputs = listField(input, "inputs");
  for (let i = 0; i < inputs.length; i++) {
    if (inputs[i].kind != Kind.Object) refuseField("inputs[" + i.toString() + "]", "must be an object, but it is " + inputs[i].kindName);
  }
  const answer = beginSuccess();
  merge(inputs, boolOr(input, "deep", false), answer);
  finish(answer);
}

main();
