import { refuseField } from "../sdk/fields";
import { Json, Kind } from "../sdk/json";
import { Writer } from "../sdk/writer";

let isFirst: bool = true;

/** Objects and lists as one object of paths. Empty ones are kept as values, so that nothing is lost. */
export function flatten(value: Json, separator: string, target: Writer): void {
  isFirst = true;
  target.put("{");
  flattenInto(value, "", separator, target);
  target.put("}");
}

function flattenInto(value: Json, prefix: string, separator: string, target: Writer): void {
  const members = value.distinctMembers();
  const items = value.items();
  for (let i = 0; i < members.length; i++) writeFlat(members[i].value, prefix + members[i].key.text, separator, target);
  for (let i = 0; i < items.length; i++) writeFlat(items[i], prefix + i.toString(), separator, target);
}

function isFull(value: Json): bool {
  return value.kind == Kind.Object ? value.members().length > 0 : value.kind == Kind.List && value.items().length > 0;
}

function writeFlat(value: Json, name: string, separator: string, target: Writer): void {
  if (isFull(value)) {
    flattenInto(value, name + separator, separator, target);
    return;
  }
  target.put(isFirst ? "" : ",");
  isFirst = false;
  target.text(name).put(":").json(value);
}

class Nest {
  value: Json | null = null;
  names: string[] = [];
  private children: Map<string, Nest> = new Map();

  at(name: string): Nest {
    if (!this.children.has(name)) {
      this.names.push(name);
      this.children.set(name, new Nest());
    }
    return this.children.get(name);
  }

  /** 0, 1, 2, … in this order: then it was a list. */
  get isList(): bool {
    for (let i = 0; i < this.names.length; i++) if (this.names[i] != i.toString()) return false;
    return true;
  }
}

/** The other way round. Names that are 0, 1, 2, … make a list. */
export function unflatten(value: Json, separator: string, target: Writer): void {
  const root = new Nest();
  const members = value.distinctMembers();
  for (let i = 0; i < members.length; i++) {
    const name = members[i].key.text;
    const steps = name.split(separator);
    let nest = root;
    for (let n = 0; n < steps.length; n++) {
      if (nest.value !== null) refuseField("value", 'has a value at "' + name + '" and at a part of that path, too');
      nest = nest.at(steps[n]);
    }
    if (nest.names.length > 0) refuseField("value", 'has a value at "' + name + '" and below it, too');
    nest.value = members[i].value;
  }
  if (members.length == 0) target.put("{}");
  else writeNest(root, target);
}

function writeNest(nest: Nest, target: Writer): void {
  const value = nest.value;
  if (value !== null) {
    target.json(value);
    return;
  }
  const isList = nest.isList;
  target.put(isList ? "[" : "{");
  for (let i = 0; i < nest.names.length; i++) {
    target.put(i == 0 ? "" : ",");
    if (!isList) target.text(nest.names[i]).put(":");
    writeNest(nest.at(nest.names[i]), target);
  }
  target.put(isList ? "]" : "}");
}
