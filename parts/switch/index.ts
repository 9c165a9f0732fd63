import { beginSuccess, finish } from "../sdk/answer";
import { isSame } from "../sdk/compare";
import { field, given, listField, textField, textOf } from "../sdk/fields";
import { readInput } from "../sdk/io";
import { Json } from "../sdk/json";

/** The branch of the first case that matches; else the default one. */
function choose(input: Json): string {
  const value = field(input, "value", "any value");
  const cases = listField(input, "cases");
  for (let i = 0; i < cases.length; i++) {
    const place = "cases[" + i.toString() + "].";
    if (isSame(field(cases[i], "match", "any value", place), value)) return textField(cases[i], "branch", place);
  }
  const otherwise = given(input, "default_branch");
  return otherwise === null ? "default" : textOf(otherwise, "default_branch");
}

const branch = choose(readInput());
finish(beginSuccess().put('{"branch":').text(branch).put('},"branch":').text(branch));
