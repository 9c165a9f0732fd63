import { beginSuccess, fail, finish } from "../sdk/answer";
import { askHost } from "../sdk/call";
import { field, given, refuseField } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json, Kind } from "../sdk/json";
import { formatNumber } from "../sdk/number";
import { Writer } from "../sdk/writer";

const YES: i32 = 1;
const NO: i32 = 0;
const NOT_OLD: i32 = -1;

function isWord(text: string): bool {
  if (text.length == 0) return false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const isLetter = (unit | 32) >= 0x61 && (unit | 32) <= 0x7a;
    if (!isLetter && unit != 0x5f && unit < 0x80 && (i == 0 || unit < 0x30 || unit > 0x39)) return false;
  }
  return text != "true" && text != "false" && text != "null";
}

/** A value as text, as the old engine compared it. */
function plainText(value: Json): string {
  if (value.kind == Kind.Text) return value.text;
  if (value.kind == Kind.Number) return formatNumber(value.number);
  return String.UTF8.decodeUnsafe(value.start, value.end - value.start);
}

/** `status == active`: a field of the input, compared with a bare word that is no field. Everything else is for the host. */
function oldForm(condition: string, input: Json): i32 {
  const isEqual = condition.includes("==");
  const sides = condition.split(isEqual ? "==" : "!=");
  if (sides.length != 2) return NOT_OLD;
  const name = sides[0].trim();
  const word = sides[1].trim();
  if (!isWord(name) || !isWord(word) || input.get(word) !== null) return NOT_OLD;
  const value = input.get(name);
  if (value === null) return NOT_OLD;
  return (plainText(value) == word) == isEqual ? YES : NO;
}

function evaluate(condition: Json, input: Json): bool {
  const result = askHost(new Writer().put('{"call":"evaluate","expression":').json(condition).put(',"scope":').json(input).put("}"));
  const error = given(result, "error");
  if (error !== null) finish(new Writer().put('{"success":false,"error":').json(error));
  const value = field(result, "value", "the value of the condition");
  if (value.kind != Kind.Bool)
    fail("expression.failed", 'the condition "' + condition.text + '" must be true or false, but it is ' + value.kindName);
  return value.isTrue;
}

function decide(params: Json): bool {
  const condition = field(params, "condition", "true, false or an expression");
  if (condition.kind == Kind.Bool) return condition.isTrue;
  if (condition.kind != Kind.Text) refuseField("condition", "must be true, false or an expression, but it is " + condition.kindName);
  // without an own input the names are those of everything that the node was given
  const own = params.get("input");
  const input: Json = own === null ? params : own;
  const old = oldForm(condition.text, input);
  return old == NOT_OLD ? evaluate(condition, input) : old == YES;
}

const result = decide(readInput()) ? "true" : "false";
finish(beginSuccess().put('{"result":').put(result).put('},"branch":"').put(result).put('"'));
