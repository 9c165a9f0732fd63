import { beginSuccess, finish } from "../sdk/answer";
import { groupsOf, pathsIn, writeKey } from "../sdk/by";
import { given, listField, refuseField, refuseOperation, textField, textOr } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json, Kind } from "../sdk/json";
import { lookUp, parsePath, Segment } from "../sdk/path";
import { Writer } from "../sdk/writer";

const OPERATIONS = "count, sum, avg, min, max";

class Operation {
  path: Segment[] = [];

  constructor(
    public op: string,
    public text: string,
    public name: string,
    place: string,
  ) {
    if (text.length > 0) this.path = parsePath(text, place);
  }
}

function operationsOf(input: Json): Operation[] {
  if (given(input, "operations") === null) return [new Operation("count", "", "count", "")];
  const list = listField(input, "operations");
  const operations: Operation[] = [];
  const names = new Set<string>();
  for (let i = 0; i < list.length; i++) {
    const place = "operations[" + i.toString() + "]";
    if (list[i].kind != Kind.Object) refuseField(place, "must be {op, path, as}, but it is " + list[i].kindName);
    const op = textField(list[i], "op", place + ".");
    if (!OPERATIONS.split(", ").includes(op)) refuseOperation(op, OPERATIONS, place + ".op");
    const path = textOr(list[i], "path", "", place + ".");
    const name = textOr(list[i], "as", path.length == 0 ? op : op + "_" + path.replaceAll(".", "_"), place + ".");
    if (names.has(name)) refuseField(place, 'has the name "' + name + '" that another has; give it one with as');
    names.add(name);
    operations.push(new Operation(op, path, name, place + ".path"));
  }
  return operations;
}

/** The values that count: what is null or absent does not. */
function valuesOf(items: Json[], path: Segment[]): Json[] {
  const values: Json[] = [];
  for (let i = 0; i < items.length; i++) {
    const value = lookUp(items[i], path);
    if (value !== null && value.kind != Kind.Null) values.push(value);
  }
  return values;
}

function refuseValue(operation: Operation, value: Json, expected: string): void {
  const where = operation.text.length == 0 ? "an item" : '"' + operation.text + '" of an item';
  refuseField("items", "cannot be aggregated: " + where + " must be " + expected + " (" + operation.op + "), but it is " + value.kindName);
}

/** The sum, with what rounding loses carried along (Neumaier): many small amounts stay exact to the last digit. */
function sum(operation: Operation, values: Json[]): f64 {
  let total: f64 = 0;
  let lost: f64 = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i].kind != Kind.Number) refuseValue(operation, values[i], "a number");
    const value = values[i].number;
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + lost;
}

/** The first of the least (sign -1) or greatest (sign 1); all of one kind. */
function extreme(operation: Operation, values: Json[], sign: i32): Json {
  let best = values[0];
  const kind = best.kind;
  if (kind != Kind.Number && kind != Kind.Text) refuseValue(operation, best, "a number or a text");
  for (let i = 1; i < values.length; i++) {
    const value = values[i];
    if (value.kind != kind) refuseValue(operation, value, kind == Kind.Number ? "a number like the others" : "a text like the others");
    const isMore = kind == Kind.Number ? value.number > best.number : value.text > best.text;
    const isLess = kind == Kind.Number ? value.number < best.number : value.text < best.text;
    if (sign > 0 ? isMore : isLess) best = value;
  }
  return best;
}

function writeValue(answer: Writer, operation: Operation, items: Json[]): void {
  const op = operation.op;
  if (op == "count" && operation.text.length == 0) {
    answer.number(items.length);
    return;
  }
  const values = valuesOf(items, operation.path);
  if (op == "count") answer.number(values.length);
  else if (op == "sum") answer.number(sum(operation, values));
  else if (values.length == 0) answer.put("null");
  else if (op == "avg") answer.number(sum(operation, values) / <f64>values.length);
  else answer.json(extreme(operation, values, op == "max" ? 1 : -1));
}

function writeResult(answer: Writer, operations: Operation[], items: Json[]): Writer {
  answer.put('"result":{');
  for (let i = 0; i < operations.length; i++) {
    answer
      .put(i == 0 ? "" : ",")
      .text(operations[i].name)
      .put(":");
    writeValue(answer, operations[i], items);
  }
  return answer.put("}");
}

function main(): void {
  const input = readInput();
  const items = listField(input, "items");
  const paths = pathsIn(input, "by");
  const operations = operationsOf(input);
  const answer = beginSuccess().put("{");
  if (paths.length == 0) finish(writeResult(answer, operations, items).put("}"));
  const groups = groupsOf(items, paths);
  answer.put('"groups":[');
  for (let i = 0; i < groups.length; i++) {
    writeKey(answer.put(i == 0 ? '{"key":' : ',{"key":'), groups[i][0], paths).put(",");
    writeResult(answer, operations, groups[i]).put("}");
  }
  finish(answer.put('],"count":').number(groups.length).put("}"));
}

main();
