import { refuseField } from "./fields";
import { Json, Kind } from "./json";
import { Segment } from "./path";
import { Writer } from "./writer";

function refuse(segment: Segment, value: Json): void {
  refuseField("path", 'cannot go to "' + segment.name + '": what is there is ' + value.kindName);
}

/** Writes `root` with the value at `path` from step `at` on replaced. Objects that lack on the way are made; lists grow by one at most. */
export function writeWith(target: Writer, root: Json | null, path: Segment[], at: i32, value: Json): void {
  if (at == path.length) {
    target.json(value);
    return;
  }
  const segment = path[at];
  if (root === null || root.kind == Kind.Null) {
    target.put("{").text(segment.name).put(":");
    writeWith(target, null, path, at + 1, value);
    target.put("}");
  } else if (root.kind == Kind.List) {
    writeListWith(target, root, path, at, value);
  } else {
    if (root.kind != Kind.Object) refuse(segment, root);
    writeObjectWith(target, root, path, at, value);
  }
}

function writeObjectWith(target: Writer, root: Json, path: Segment[], at: i32, value: Json): void {
  const members = root.distinctMembers();
  let isWritten = false;
  target.put("{");
  for (let i = 0; i < members.length; i++) {
    target
      .put(i == 0 ? "" : ",")
      .json(members[i].key)
      .put(":");
    const isIt = members[i].key.text == path[at].name;
    if (isIt) writeWith(target, members[i].value, path, at + 1, value);
    else target.json(members[i].value);
    isWritten = isWritten || isIt;
  }
  if (!isWritten) {
    target
      .put(members.length == 0 ? "" : ",")
      .text(path[at].name)
      .put(":");
    writeWith(target, null, path, at + 1, value);
  }
  target.put("}");
}

function writeListWith(target: Writer, root: Json, path: Segment[], at: i32, value: Json): void {
  const items = root.items();
  const index = path[at].index;
  if (index < 0 || index > items.length)
    refuseField("path", 'has no place "' + path[at].name + '" in a list of ' + items.length.toString());
  target.put("[");
  for (let i = 0; i < max(items.length, index + 1); i++) {
    target.put(i == 0 ? "" : ",");
    if (i != index) target.json(items[i]);
    else writeWith(target, i < items.length ? items[i] : null, path, at + 1, value);
  }
  target.put("]");
}

/** Writes `root` without what is at `path` from step `at` on; as it is, when there is nothing. */
export function writeWithout(target: Writer, root: Json, path: Segment[], at: i32): void {
  const isLast = at == path.length - 1;
  let isFirst = true;
  if (root.kind == Kind.Object) {
    const members = root.distinctMembers();
    target.put("{");
    for (let i = 0; i < members.length; i++) {
      const isIt = members[i].key.text == path[at].name;
      if (isIt && isLast) continue;
      target
        .put(isFirst ? "" : ",")
        .json(members[i].key)
        .put(":");
      isFirst = false;
      if (isIt) writeWithout(target, members[i].value, path, at + 1);
      else target.json(members[i].value);
    }
    target.put("}");
  } else if (root.kind == Kind.List) {
    const items = root.items();
    target.put("[");
    for (let i = 0; i < items.length; i++) {
      const isIt = i == path[at].index;
      if (isIt && isLast) continue;
      target.put(isFirst ? "" : ",");
      isFirst = false;
      if (isIt) writeWithout(target, items[i], path, at + 1);
      else target.json(items[i]);
    }
    target.put("]");
  } else {
    target.json(root);
  }
}
