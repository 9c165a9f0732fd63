import { beginSuccess, finish } from "../sdk/answer";
import { boolOr, given, listField, refuseField, textField, textOf, textOr } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json, Kind } from "../sdk/json";
import { parsePath } from "../sdk/path";
import { Order, sorted } from "../sdk/sort";

/** One path, or a list of paths and `{path, descending}`. */
function orders(input: Json, isNatural: bool): Order[] {
  const isDescending = boolOr(input, "descending", false);
  const by = given(input, "by");
  if (by === null) return [new Order([], isDescending, isNatural)];
  if (by.kind != Kind.List) return [new Order(parsePath(textOf(by, "by"), "by"), isDescending, isNatural)];
  const list = by.items();
  const orders: Order[] = [];
  for (let i = 0; i < list.length; i++) {
    const isOwn = list[i].kind == Kind.Object;
    const place = "by[" + i.toString() + "]";
    const path = isOwn ? textField(list[i], "path", place + ".") : textOf(list[i], place);
    const segments = parsePath(path, isOwn ? place + ".path" : place);
    orders.push(new Order(segments, isOwn ? boolOr(list[i], "descending", isDescending, place + ".") : isDescending, isNatural));
  }
  return orders;
}

function main(): void {
  const input = readInput();
  const items = listField(input, "items");
  const order = textOr(input, "order", "natural");
  if (order != "natural" && order != "code") refuseField("order", "must be natural or code");
  const result = sorted(items, orders(input, order == "natural"));
  const answer = beginSuccess().put('{"items":[');
  for (let i = 0; i < result.length; i++) answer.put(i == 0 ? "" : ",").json(result[i]);
  finish(answer.put('],"count":').number(result.length).put("}"));
}

main();
