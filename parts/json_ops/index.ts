import { beginResult, fail, finishResult } from "../sdk/answer";
import {
  boolOr,
  field,
  listField,
  numberOr,
  objectField,
  operation,
  refuseField,
  refuseOperation,
  textField,
  textOf,
  textOr,
  wholeOf,
} from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json, Kind } from "../sdk/json";
import { KeyTree } from "../sdk/key-tree";
import { memberName } from "../sdk/pointer";
import { jsonProblem, readJson } from "../sdk/read-json";
import { decodeUtf8 } from "../sdk/utf8";
import { Writer } from "../sdk/writer";
import { flatten, unflatten } from "./flatten";
import { Reshape, reshape } from "./reshape";
import { Printer } from "./stringify";

const OPERATIONS = "parse, stringify, pick, omit, rename, flatten, unflatten";
const MAX_INDENT = 10;

function parse(input: Json): void {
  const value = readJson(textField(input, "text"));
  if (value !== null) finishResult(beginResult().json(value));
  const fallback = input.get("default");
  if (fallback !== null) finishResult(beginResult().json(fallback));
  fail("json.invalid", "the text is no JSON: " + jsonProblem);
}

function stringify(input: Json, value: Json): void {
  const indent = wholeOf(numberOr(input, "indent", 0), "indent", 0, MAX_INDENT);
  const written = new Writer();
  new Printer(written, indent, boolOr(input, "sort_keys", false)).print(value);
  const size = written.size;
  const text = decodeUtf8(written.joined(), size, false);
  finishResult(beginResult().text(text === null ? "" : text));
}

function keyTree(input: Json): KeyTree {
  const keys = listField(input, "keys");
  const tree = new KeyTree();
  for (let i = 0; i < keys.length; i++) {
    const place = "keys[" + i.toString() + "]";
    tree.add(textOf(keys[i], place), place);
  }
  return tree;
}

function nameTree(input: Json): KeyTree {
  const names = objectField(input, "names").distinctMembers();
  const tree = new KeyTree();
  for (let i = 0; i < names.length; i++) {
    const old = names[i].key.text;
    const place = memberName("names", old);
    const name = textOf(names[i].value, place);
    if (name.length == 0) refuseField(place, "must not be empty");
    tree.add(old, place, name);
  }
  return tree;
}

function main(): void {
  const input = readInput();
  const op = operation(input, OPERATIONS);
  if (!OPERATIONS.split(", ").includes(op)) refuseOperation(op, OPERATIONS);
  if (op == "parse") parse(input);
  const value = field(input, "value", "any value");
  if (op == "stringify") stringify(input, value);
  if (value.kind != Kind.Object && value.kind != Kind.List)
    refuseField("value", "must be an object or a list, but it is " + value.kindName);
  const answer = beginResult();
  if (op == "pick") reshape(Reshape.Pick, value, keyTree(input), answer);
  if (op == "omit") reshape(Reshape.Omit, value, keyTree(input), answer);
  if (op == "rename") reshape(Reshape.Rename, value, nameTree(input), answer);
  const separator = textOr(input, "separator", ".");
  if (separator.length == 0) refuseField("separator", "must not be empty");
  if (op == "flatten") flatten(value, separator, answer);
  if (op == "unflatten") unflatten(objectField(input, "value"), separator, answer);
  finishResult(answer);
}

main();
