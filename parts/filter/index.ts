import { beginSuccess, finish } from "../sdk/answer";
import { isSame } from "../sdk/compare";
import { field, given, listField, objectField, refuseField, textField, textOf } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json, Kind } from "../sdk/json";
import { lookUp, parsePath, Segment } from "../sdk/path";
import { failAt } from "../sdk/pointer";
import { Regex } from "../sdk/regex";

const OPERATORS = "eq, ne, gt, gte, lt, lte, contains, starts_with, ends_with, in, exists, matches";

/** Below zero, zero, above zero; or INCOMPARABLE for what is neither two numbers nor two texts. */
function order(a: Json, b: Json): i32 {
  if (a.kind == Kind.Number && b.kind == Kind.Number) return a.number < b.number ? -1 : a.number > b.number ? 1 : 0;
  if (a.kind != Kind.Text || b.kind != Kind.Text) return INCOMPARABLE;
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
}

const INCOMPARABLE = 100;

function isOrdered(op: string, found: Json, value: Json): bool {
  const sign = order(found, value);
  if (sign == INCOMPARABLE) return false;
  if (op == "gt") return sign > 0;
  if (op == "gte") return sign >= 0;
  return op == "lt" ? sign < 0 : sign <= 0;
}

function holds(list: Json[], value: Json): bool {
  for (let i = 0; i < list.length; i++) if (isSame(list[i], value)) return true;
  return false;
}

/** A text contains a text, a list an item, an object a name. */
function contains(found: Json, value: Json): bool {
  if (found.kind == Kind.List) return holds(found.items(), value);
  if (value.kind != Kind.Text) return false;
  if (found.kind == Kind.Object) return found.get(value.text) !== null;
  return found.kind == Kind.Text && found.text.includes(value.text);
}

const PLACE = "condition.";

class Condition {
  path: Segment[];
  op: string;
  value: Json;
  regex: Regex = NO_REGEX;

  constructor(condition: Json) {
    const isExists = textField(condition, "op", PLACE) == "exists" && condition.get("value") === null;
    // `exists` alone asks for what is there
    this.value = isExists ? condition : field(condition, "value", "what to compare with", PLACE);
    const key = given(condition, "key");
    this.path = key === null ? [] : parsePath(textOf(key, "condition.key"), "condition.key");
    this.op = textField(condition, "op", PLACE);
    if (!OPERATORS.split(", ").includes(this.op)) {
      failAt("part.unknown_op", 'the operator "' + this.op + '" is unknown; the valid ones are: ' + OPERATORS, "condition.op");
    }
    if (this.op == "in" && this.value.kind != Kind.List)
      refuseField("condition.value", "must be a list (in), but it is " + this.value.kindName);
    if (this.op == "matches") this.regex = new Regex(textOf(this.value, "condition.value"));
  }

  /** What is absent is equal to nothing. */
  accepts(item: Json): bool {
    const found = lookUp(item, this.path);
    const op = this.op;
    if (op == "exists") return (found !== null) == (this.value.kind != Kind.Bool || this.value.isTrue);
    if (found === null) return op == "ne";
    const value = this.value;
    if (op == "eq") return isSame(found, value);
    if (op == "ne") return !isSame(found, value);
    if (op == "contains") return contains(found, value);
    if (op == "in") return holds(value.items(), found);
    if (op == "matches") return found.kind == Kind.Text && this.regex.matches(found.text);
    if (op == "starts_with" || op == "ends_with") {
      if (found.kind != Kind.Text || value.kind != Kind.Text) return false;
      return op == "starts_with" ? found.text.startsWith(value.text) : found.text.endsWith(value.text);
    }
    return isOrdered(op, found, value);
  }
}

const NO_REGEX = new Regex("");

function main(): void {
  const input = readInput();
  const items = listField(input, "items");
  const condition = new Condition(objectField(input, "condition"));
  const answer = beginSuccess().put('{"items":[');
  let count = 0;
  for (let i = 0; i < items.length; i++) {
    if (condition.accepts(items[i])) answer.put(count++ == 0 ? "" : ",").json(items[i]);
  }
  finish(answer.put('],"count":').number(count).put("}"));
}

main();
