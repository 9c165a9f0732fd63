import { beginSuccess, finish } from "../sdk/answer";
import { likeness, pathsIn } from "../sdk/by";
import { listField, refuseField, textOr } from "../sdk/fields";
import { readInput } from "../sdk/io";

function main(): void {
  const input = readInput();
  const items = listField(input, "items");
  const paths = pathsIn(input, "by");
  const keep = textOr(input, "keep", "first");
  if (keep != "first" && keep != "last") refuseField("keep", "must be first or last");
  const kept = new Map<string, i32>();
  const keys = new Array<string>(items.length);
  for (let i = 0; i < items.length; i++) {
    keys[i] = likeness(items[i], paths);
    if (keep == "last" || !kept.has(keys[i])) kept.set(keys[i], i);
  }
  const answer = beginSuccess().put('{"items":[');
  let count = 0;
  for (let i = 0; i < items.length; i++) if (kept.get(keys[i]) == i) answer.put(count++ == 0 ? "" : ",").json(items[i]);
  finish(
    answer
      .put('],"count":')
      .number(count)
      .put(',"removed":')
      .number(items.length - count)
      .put("}"),
  );
}

main();
