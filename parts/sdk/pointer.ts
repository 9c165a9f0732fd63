import { beginFailure, finish } from "./answer";

/** The name of a member of a field, for messages and pointers: `query.page`, `query["a.b"]`. */
export function memberName(field: string, key: string): string {
  const isPlain = key.length > 0 && !key.includes(".") && !key.includes("[");
  return isPlain ? field + "." + key : field + '["' + key + '"]';
}

function segment(name: string): string {
  return "/" + name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The JSON pointer of a field that is named like `items[3].by` or `query["a.b"]`. */
function pointerOf(field: string): string {
  const quote = field.indexOf('["');
  const closing = field.lastIndexOf('"]');
  if (quote >= 0 && closing > quote)
    return pointerOf(field.substring(0, quote)) + segment(field.substring(quote + 2, closing)) + pointerOf(field.substring(closing + 2));
  const names = field.replaceAll("[", ".").replaceAll("]", "").split(".");
  let pointer = "";
  for (let i = 0; i < names.length; i++) if (names[i].length > 0) pointer += segment(names[i]);
  return pointer;
}

/** Ends the part with a failure that points to a field of its input. */
export function failAt(code: string, message: string, field: string): void {
  finish(beginFailure(code, message, false).put(',"details":{"pointer":').text(pointerOf(field)).put("}}"));
}
