import { canonical } from "./compare";
import { given, refuseField, textOf } from "./fields";
import { Json, Kind } from "./json";
import { lookUp, parsePath, Segment } from "./path";
import { Writer } from "./writer";

/** The paths in a field that is one path or a list of them; none when it is absent: then the whole item counts. */
export function pathsIn(input: Json, name: string): Segment[][] {
  const value = given(input, name);
  const paths: Segment[][] = [];
  if (value === null) return paths;
  if (value.kind != Kind.List) {
    paths.push(parsePath(textOf(value, name), name));
    return paths;
  }
  const list = value.items();
  if (list.length == 0) refuseField(name, "must have at least one path");
  for (let i = 0; i < list.length; i++) {
    const place = name + "[" + i.toString() + "]";
    paths.push(parsePath(textOf(list[i], place), place));
  }
  return paths;
}

function found(item: Json, path: Segment[]): Json | null {
  const value = lookUp(item, path);
  return value === null || value.kind == Kind.Null ? null : value;
}

/** One text for all items that are alike in these paths. What is absent counts as null. */
export function likeness(item: Json, paths: Segment[][]): string {
  if (paths.length == 0) return canonical(item);
  let text = "";
  for (let i = 0; i < paths.length; i++) {
    const value = found(item, paths[i]);
    text += (i == 0 ? "" : ",") + (value === null ? "null" : canonical(value));
  }
  return text;
}

/** What the items of a group are alike in: the value of one path, the list of values of several. */
export function writeKey(answer: Writer, item: Json, paths: Segment[][]): Writer {
  if (paths.length == 0) return answer.json(item);
  if (paths.length > 1) answer.put("[");
  for (let i = 0; i < paths.length; i++) {
    const value = found(item, paths[i]);
    answer.put(i == 0 ? "" : ",");
    if (value === null) answer.put("null");
    else answer.json(value);
  }
  return paths.length > 1 ? answer.put("]") : answer;
}

/** The items that are alike, in the order in which the first of each came. */
export function groupsOf(items: Json[], paths: Segment[][]): Json[][] {
  const places = new Map<string, i32>();
  const groups: Json[][] = [];
  for (let i = 0; i < items.length; i++) {
    const key = likeness(items[i], paths);
    if (!places.has(key)) {
      places.set(key, groups.length);
      groups.push([]);
    }
    groups[places.get(key)].push(items[i]);
  }
  return groups;
}
