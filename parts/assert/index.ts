import { beginSuccess, fail, finish } from "../sdk/answer";
import { boolOr, field, given, textOr } from "../sdk/fields";
import { readInput } from "../sdk/io";

const input = readInput();
field(input, "that", "true or false");
if (!boolOr(input, "that", false))
  fail(textOr(input, "code", "assertion.failed"), textOr(input, "message", "the assertion is false"), given(input, "details"));
finish(beginSuccess().put('{"asserted":true}'));
