import { Json, Kind, Member } from "../sdk/json";
import { KeyTree } from "../sdk/key-tree";
import { Writer } from "../sdk/writer";

/** What becomes of a member: whether it stays, and under which name. */
export const enum Reshape {
  Pick,
  Omit,
  Rename,
}

/** A path goes into each item of a list. */
export function reshape(how: Reshape, value: Json, tree: KeyTree, target: Writer): void {
  if (value.kind == Kind.Object) reshapeObject(how, value, tree, target);
  else if (value.kind == Kind.List) {
    const items = value.items();
    target.put("[");
    for (let i = 0; i < items.length; i++) reshape(how, items[i], tree, target.put(i == 0 ? "" : ","));
    target.put("]");
  } else target.json(value);
}

function isContainer(value: Json): bool {
  return value.kind == Kind.Object || value.kind == Kind.List;
}

function stays(how: Reshape, member: Member, known: KeyTree | null): bool {
  if (how == Reshape.Rename) return true;
  if (known === null) return how == Reshape.Omit;
  // a path that goes on below what is no object finds nothing there
  return how == Reshape.Omit ? !known.isLeaf : known.isLeaf || isContainer(member.value);
}

function reshapeObject(how: Reshape, object: Json, tree: KeyTree, target: Writer): void {
  const members = object.distinctMembers();
  const overwritten = how == Reshape.Rename ? newNames(members, tree) : new Set<string>();
  let isFirst = true;
  target.put("{");
  for (let i = 0; i < members.length; i++) {
    const name = members[i].key.text;
    const known = tree.child(name);
    if (!stays(how, members[i], known)) continue;
    const isRenamed = known !== null && known.newName.length > 0;
    if (!isRenamed && overwritten.has(name)) continue;
    target.put(isFirst ? "" : ",");
    isFirst = false;
    if (known === null) target.json(members[i].key).put(":").json(members[i].value);
    else writeKnown(how, members[i], known, target);
  }
  target.put("}");
}

function writeKnown(how: Reshape, member: Member, known: KeyTree, target: Writer): void {
  if (known.newName.length > 0) target.text(known.newName).put(":");
  else target.json(member.key).put(":");
  if (how == Reshape.Pick && known.isLeaf) target.json(member.value);
  else reshape(how, member.value, known, target);
}

/** A member whose name another one is given makes room for it. */
function newNames(members: Member[], tree: KeyTree): Set<string> {
  const names = new Set<string>();
  for (let i = 0; i < members.length; i++) {
    const known = tree.child(members[i].key.text);
    if (known !== null && known.newName.length > 0) names.add(known.newName);
  }
  return names;
}
