import { beginSuccess, finish } from "../sdk/answer";
import { groupsOf, pathsIn, writeKey } from "../sdk/by";
import { field, listField, refuseField, textOr } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json, Kind, parseJson } from "../sdk/json";
import { Segment } from "../sdk/path";
import { Writer } from "../sdk/writer";

function writeItems(answer: Writer, items: Json[]): Writer {
  answer.put("[");
  for (let i = 0; i < items.length; i++) answer.put(i == 0 ? "" : ",").json(items[i]);
  return answer.put("]");
}

/** A name in an object is a text: other keys are written as JSON. */
function nameOf(item: Json, paths: Segment[][]): string {
  const written = writeKey(new Writer(), item, paths);
  const size = written.size;
  const key = parseJson(written.joined(), size);
  return key.kind == Kind.Text ? key.text : String.UTF8.decodeUnsafe(key.start, key.end - key.start);
}

/** Two groups may have one name (1 and "1"): then they are one. */
function writeObject(answer: Writer, groups: Json[][], paths: Segment[][]): i32 {
  const places = new Map<string, i32>();
  const names: string[] = [];
  const named: Json[][] = [];
  for (let i = 0; i < groups.length; i++) {
    const name = nameOf(groups[i][0], paths);
    if (places.has(name)) named[places.get(name)] = named[places.get(name)].concat(groups[i]);
    else {
      places.set(name, names.length);
      names.push(name);
      named.push(groups[i]);
    }
  }
  answer.put("{");
  for (let i = 0; i < names.length; i++)
    writeItems(
      answer
        .put(i == 0 ? "" : ",")
        .text(names[i])
        .put(":"),
      named[i],
    );
  answer.put("}");
  return names.length;
}

function main(): void {
  const input = readInput();
  const items = listField(input, "items");
  field(input, "by", "a path, or a list of paths");
  const paths = pathsIn(input, "by");
  if (paths.length == 0) refuseField("by", "must be a path or a list of paths, but it is null");
  const form = textOr(input, "as", "list");
  if (form != "list" && form != "object") refuseField("as", "must be list or object");
  const groups = groupsOf(items, paths);
  const answer = beginSuccess().put('{"groups":');
  let count = groups.length;
  if (form == "object") count = writeObject(answer, groups, paths);
  else {
    answer.put("[");
    for (let i = 0; i < groups.length; i++) {
      writeKey(answer.put(i == 0 ? '{"key":' : ',{"key":'), groups[i][0], paths);
      writeItems(answer.put(',"items":'), groups[i]).put(',"count":').number(groups[i].length).put("}");
    }
    answer.put("]");
  }
  finish(answer.put(',"count":').number(count).put("}"));
}

main();
