import { beginSuccess, finish } from "../sdk/answer";
import { given, listField, objectField, refuseField, textField, textOf } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json, Kind } from "../sdk/json";
import { memberName } from "../sdk/pointer";
import { isIdeograph, isMark, WordScanner } from "../sdk/words";

/** From this length on a word may go on: "ship" counts in "shipping". */
const SHORTEST_STEM = 4;

class Label {
  keywords: string[] = [];
  hits: i32 = 0;
  constructor(public name: string) {}
}

/** A label alone is described by its own words. */
function fromLabels(list: Json[]): Label[] {
  const labels: Label[] = [];
  for (let i = 0; i < list.length; i++) {
    const label = new Label(textOf(list[i], "labels[" + i.toString() + "]"));
    const name = label.name.replaceAll("_", " ").toLowerCase();
    const words = new WordScanner(name, 0, name.length);
    while (words.next()) label.keywords.push(name.substring(words.start, words.end));
    labels.push(label);
  }
  return labels;
}

function fromKeywords(object: Json): Label[] {
  const labels: Label[] = [];
  const members = object.distinctMembers();
  for (let i = 0; i < members.length; i++) {
    const label = new Label(members[i].key.text);
    const field = memberName("keywords", label.name);
    if (members[i].value.kind != Kind.List) refuseField(field, "must be a list, but it is " + members[i].value.kindName);
    const words = members[i].value.items();
    for (let w = 0; w < words.length; w++) label.keywords.push(textOf(words[w], field).trim().toLowerCase());
    labels.push(label);
  }
  return labels;
}

function isInsideWord(text: string, at: i32): bool {
  return at >= 0 && at < text.length && !isMark(text.charCodeAt(at)) && !isIdeograph(text.charCodeAt(at));
}

/** Whether the keyword at this place stands for itself, and is not a part of another word. */
function isWhole(text: string, keyword: string, at: i32): bool {
  if (isIdeograph(keyword.charCodeAt(0))) return true;
  if (isInsideWord(text, at - 1)) return false;
  return keyword.length >= SHORTEST_STEM || !isInsideWord(text, at + keyword.length);
}

function count(text: string, keyword: string): i32 {
  if (keyword.length == 0) return 0;
  let hits = 0;
  for (let at = text.indexOf(keyword); at >= 0; at = text.indexOf(keyword, at + keyword.length)) {
    if (isWhole(text, keyword, at)) hits++;
  }
  return hits;
}

function main(): void {
  const input = readInput();
  const text = textField(input, "text").toLowerCase();
  const labels = given(input, "keywords") === null ? fromLabels(listField(input, "labels")) : fromKeywords(objectField(input, "keywords"));
  if (labels.length == 0) refuseField(given(input, "keywords") === null ? "labels" : "keywords", "must have at least one label");
  let total = 0;
  let best = 0;
  for (let i = 0; i < labels.length; i++) {
    for (let w = 0; w < labels[i].keywords.length; w++) labels[i].hits += count(text, labels[i].keywords[w]);
    total += labels[i].hits;
    if (labels[i].hits > labels[best].hits) best = i;
  }
  const answer = beginSuccess().put('{"label":');
  if (total == 0) answer.put("null");
  else answer.text(labels[best].name);
  answer.put(',"scores":{');
  for (let i = 0; i < labels.length; i++) {
    answer
      .put(i == 0 ? "" : ",")
      .text(labels[i].name)
      .put(":");
    answer.number(total == 0 ? 0 : <f64>labels[i].hits / <f64>total);
  }
  finish(answer.put("}}"));
}

main();
